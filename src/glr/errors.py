"""Mistakes that a user can mend, told in one sentence."""


class InputError(ValueError):
    """A file, setting or argument that cannot be used.

    The message is one sentence which names the file or key, what was found and what is allowed. The command line
    prints it without a traceback.
    """


class DivergenceError(ArithmeticError):
    """A loss that is not finite, so that training cannot go on."""
