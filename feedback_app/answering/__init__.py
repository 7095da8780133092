"""What a customer sees: the only public pages."""
