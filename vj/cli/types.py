"""What options take: each turns a text into a value, or says what it expected."""

import argparse
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from vj.core.files import check_writable, reason


def size(text: str) -> tuple[int, int]:
    """WIDTHxHEIGHT in pixels, both even, at most 8192."""
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 8192 and 0 < int(height) <= 8192):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected WIDTHxHEIGHT in pixels, such as 1280x720")
    if int(width) % 2 or int(height) % 2:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected even numbers (H.264 in yuv420p has no others)")
    return int(width), int(height)


def fps(text: str) -> Fraction:
    """Frames a second, 1 to 240, also as a fraction."""
    try:
        fps = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number such as 30, 29.97 or 30000/1001") from None
    if not 1 <= fps <= 240:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected 1 to 240")
    return fps.limit_denominator(1001)


def amount(text: str) -> float:
    """A number, 0 or more."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e7:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number, 0 or more")
    return value


def output(text: str) -> Path:
    """A file that can be written: what takes an hour to make is not made for a name that cannot be."""
    path = Path(text)
    try:
        check_writable(path)
    except (OSError, ValueError) as e:
        raise argparse.ArgumentTypeError(f"{text}: cannot be written: {reason(e)}") from None
    return path


def output_or_folder(text: str) -> Path:
    """The same, or a folder that is there."""
    path = Path(text)
    return path if path.is_dir() else output(text)


def channels(text: str) -> tuple[int, ...]:
    """One or two inputs of a device, from 1 on: "3,4"."""
    numbers = tuple(int(part) for part in text.split(",") if part.strip().isdigit())
    if len(numbers) != len(text.split(",")) or len(numbers) not in (1, 2) or min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected one or two numbers from 1 on, such as 3,4")
    return numbers


def decibels(text: str) -> float:
    """0 or less, in dB; -inf is silence."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value <= 0:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected 0 or less, or -inf")
    return value


def names(text: str) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def part(text: str) -> float:
    """A number from 0 to 1."""
    if (value := amount(text)) > 1.0:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number from 0 to 1")
    return value


def share(text: str) -> float:
    """A number above 0 and at most 1."""
    if not 0.0 < (value := amount(text)) <= 1.0:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number above 0 and at most 1")
    return value


def endpoint(text: str) -> tuple[str, int]:
    """HOST:PORT."""
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdigit() and 0 < int(port) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r}, expected HOST:PORT such as 192.168.1.5:9000")
    return host, int(port)


def above_zero(text: str) -> float:
    """A number above 0."""
    if not (value := amount(text)):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number above 0")
    return value


def seconds(text: str) -> float:
    """Seconds, 0 or more."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e7:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected seconds, 0 or more")
    return value


def seed(text: str) -> int:
    """A whole number that fits into 32 bits."""
    if not text.isdigit() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a whole number from 0 to {2**32 - 1}")
    return int(text)


def side(text: str) -> int:
    """Pixels a side: a power of two from 8 to 1024."""
    if not text.isdigit() or int(text) not in range(8, 1025) or int(text) & (int(text) - 1):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a power of two from 8 to 1024")
    return int(text)


def number_from(low: int, high: int) -> Callable[[str], int]:
    """A type of whole numbers from `low` to `high`."""

    def number(text: str) -> int:
        if not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"found {text!r}, expected a whole number from {low} to {high}")
        return int(text)

    return number


def training_size(text: str) -> tuple[int, int]:
    """SIDExBATCH."""
    first, _, batch = text.partition("x")
    return side(first), number_from(1, 4096)(batch)


def span(text: str) -> tuple[float, float]:
    """LO:HI in seconds."""
    lo, colon, hi = text.partition(":")
    found = seconds(lo), seconds(hi) if colon else -1.0
    if not found[0] <= found[1]:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected LO:HI in seconds, such as 0:8")
    return found
