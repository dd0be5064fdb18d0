"""Validators shared by several schemas."""

MIN_PASSWORD_LENGTH = 12
COMMON_PASSWORDS = frozenset({"password1234", "123456789012", "qwertyuiop12", "letmeinletmein"})


def strong_password(value: str) -> str:
    """Length beats character classes; the few most common long passwords are refused too."""
    if len(value) < MIN_PASSWORD_LENGTH:
        raise ValueError(f"has to have at least {MIN_PASSWORD_LENGTH} characters")
    if value.lower() in COMMON_PASSWORDS:
        raise ValueError("is too common")
    if len(set(value)) < 5:
        raise ValueError("repeats too few characters")
    return value
