"""Staff: users, roles, sessions, and the audit log."""
