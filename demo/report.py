"""What the demo prints: answers with their reasons, counts, and the closing table."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def print_counts(console: Console, title: str, counts: Mapping[str, int]) -> None:
    """A line a count, the largest first."""
    console.print(f"\n[bold]{title}[/bold]")
    for what, count in sorted(counts.items(), key=lambda item: -item[1]):
        console.print(f"  {count:>9,}  {what}")


def print_answer(
    console: Console,
    cart: dict[str, Any],
    slots: Mapping[str, dict[str, Any]],
    sentences: Iterable[str],
) -> None:
    """One customer's cart, content and the reasons for both."""
    totals = cart["totals"]
    console.print(
        f"  cart {totals['subtotal']} + shipping {totals['shipping']}"
        f" - discount {totals['discount']} = [bold]{totals['total']} GBP[/bold]"
    )
    for rule in cart["applied_rules"]:
        console.print(f"    [green]-{rule['amount']:>7}[/green]  {escape(rule['label'])}")
    for coupon in cart["coupons"]:
        reason = f" ({coupon['reason']})" if coupon.get("reason") else ""
        console.print(f"    code {escape(coupon['code'])}: {coupon['status']}{reason}")
    for slot, answer in slots.items():
        shown = ", ".join(block["name"] for block in answer["blocks"]) or "the slot's fallback"
        console.print(f"  {slot}: {escape(shown)}")
    print_sentences(console, sentences)


def print_category(
    console: Console, category: str, answer: dict[str, Any], names: Mapping[str, str]
) -> None:
    """The top of a category page: a line a product, with what moved it."""
    console.print(f"  page {escape(category)}: the first of {answer['total']} products")
    for item in answer["items"]:
        moved = ", ".join(move["effect"] for move in item.get("moved_by", ())) or "nothing"
        name = escape(names[item["sku"]])
        console.print(f"    {item['position']:>2}  {name:<36} [green]{moved}[/green]")


def print_unit(
    console: Console, unit: dict[str, Any], names: Mapping[str, str], looked_at: str
) -> None:
    """One recommendation unit: a line a product, with the evidence for it."""
    products = {**names, looked_at: "it"}
    console.print(f"  {escape(unit['label'])} ({unit['type']})")
    for item in unit["items"]:
        because = ", ".join(
            f"{what.replace('_', ' ')} {products.get(str(value), value)}"
            for what, value in item.get("because", {}).items()
        )
        name, source = escape(names[item["sku"]]), item["source"]
        backup = "" if source == "primary" else f"{source}: "
        console.print(f"    {item['rank']:>2}  {name:<36} [green]{backup}{escape(because)}[/green]")
    if not unit["items"]:
        console.print("    nothing")


def print_sentences(console: Console, sentences: Iterable[str]) -> None:
    """The reasons, a line each."""
    for sentence in sentences:
        console.print(f"    [dim]{escape(sentence)}[/dim]")


def print_table(console: Console, rows: Iterable[tuple[str, str, bool | None]]) -> None:
    """The closing table: what, how much, and whether what was promised held."""
    table = Table(show_header=False, title="What was done", title_justify="left")
    for what, value, held in rows:
        mark = "" if held is None else "[green]yes[/green]" if held else "[red]NO[/red]"
        table.add_row(what, value, mark)
    console.print()
    console.print(table)
