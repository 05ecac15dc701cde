"""Numbers as prompts: which small pieces, one after the other, say a number in Mandarin.

Invariant: for every number of 0 to 99 the texts of the pieces, joined, are its numeral as it is written.
"""

TEN = "number_10"
TWO_OF = "number_2_of"
"""两: what two is called before a measure word."""


def cardinal(number: int) -> tuple[str, ...]:
    """Prompt ids that say ``number`` by itself, as in counting: 十二, 二十, 二.

    Raises:
        ValueError: it is not 0 to 99.
    """
    if not 0 <= number <= 99:
        raise ValueError("only 0 to 99 can be said")
    tens, ones = divmod(number, 10)
    if not tens:
        return (_digit(ones),)
    return (*((_digit(tens),) if tens > 1 else ()), TEN, *((_digit(ones),) if ones else ()))


def counted(number: int) -> tuple[str, ...]:
    """Prompt ids that say ``number`` before a measure word: 两分钟, but 十二分钟. Raises as :func:`cardinal`."""
    return (TWO_OF,) if number == 2 else cardinal(number)


def _digit(number: int) -> str:
    return f"number_{number}"
