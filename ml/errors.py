"""The one error that callers of this package may see."""


class ModelError(Exception):
    """A model folder, a data file or a setting that cannot be used; the message is a sentence for the operator."""
