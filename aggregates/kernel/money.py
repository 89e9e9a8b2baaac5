"""Money is an integer of the currency's minor units; text is a decimal string.

Digits per currency follow ISO 4217 (list one, 2026-01-01); currencies not named there have two.
"""

from __future__ import annotations

import re
from decimal import Decimal

from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.limits import AMOUNT_MINOR_MAX
from aggregates.kernel.limits import SIGNIFICANT_DIGITS_MAX


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NO_DIGITS = _codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
_THREE_DIGITS = _codes("BHD IQD JOD KWD LYD OMR TND")
_TWO_DIGITS = _codes(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL "
    "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN "
    "PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG"
)
_TEXT = re.compile(r"(-?)(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,8}))?\Z")
DIGITS: dict[str, int] = {
    **dict.fromkeys(_TWO_DIGITS, 2),
    **dict.fromkeys(_NO_DIGITS, 0),
    **dict.fromkeys(_THREE_DIGITS, 3),
}
"""Currency code to its number of decimal digits; a code that is not here is unknown."""


def digits_of(currency: str) -> int:
    """Decimal digits of a currency; InvalidValue `unknown_currency` if it is none."""
    try:
        return DIGITS[currency]
    except KeyError:
        raise InvalidValue("unknown_currency", f"{currency[:8]!r} is not a currency code") from None


def parse_money(value: object, currency: str, *, signed: bool = False) -> int:
    """`"12.50"` in USD is 1250; a JSON number is read as its shortest decimal.

    InvalidValue: `not_money`, `too_many_digits`, `negative_amount`, `amount_too_large`,
    `unknown_currency`.
    """
    digits = digits_of(currency)
    text = value if isinstance(value, str) else _number_text(value)
    match = _TEXT.match(text)
    if match is None:
        raise InvalidValue("not_money", f"{text[:40]!r} is not a decimal amount")
    sign, whole, fraction = match.groups()
    fraction = fraction or ""
    if len(fraction) > digits:
        raise InvalidValue("too_many_digits", f"{currency} has {digits} decimal digits")
    if not isinstance(value, str) and len((whole + fraction).strip("0")) > SIGNIFICANT_DIGITS_MAX:
        raise InvalidValue("too_many_digits", "a JSON number holds at most 15 significant digits")
    minor = int(whole + fraction.ljust(digits, "0"))
    if sign and minor and not signed:
        raise InvalidValue("negative_amount", "an amount is not negative")
    if minor > AMOUNT_MINOR_MAX:
        raise InvalidValue("amount_too_large", f"at most {AMOUNT_MINOR_MAX} minor units")
    return -minor if sign else minor


def format_money(minor: int, currency: str) -> str:
    """1250 in USD is `"12.50"`, in JPY `"1250"`."""
    digits = DIGITS[currency]
    if not digits:
        return str(minor)
    sign, text = ("-", str(-minor)) if minor < 0 else ("", str(minor))
    text = text.rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


def format_exact(minor: Decimal, currency: str) -> str:
    """Minor units with a fraction, as an average has: 1000.5 in USD is `"10.005"`."""
    if minor == minor.to_integral_value():
        return format_money(int(minor), currency)
    return format(minor.normalize().scaleb(-DIGITS[currency]), "f")


def _number_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InvalidValue("not_money", "an amount is a decimal string or a number")
    if isinstance(value, int):
        return str(value) if abs(value) < 10**16 else "too large"
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite() or abs(exact) >= 10**16:
        return "not finite"
    return format(exact, "f").rstrip("0").rstrip(".") if exact % 1 else str(int(exact))
