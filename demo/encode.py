"""Re-encodes UCI Online Retail to what the demo needs: `python -m demo.encode SOURCE.csv.gz`.

Writes demo/orders.csv.gz (one row an invoice, its lines as `sku*quantity@price;...`, in the order
of the source) and demo/products.csv.gz (stock code and its commonest description). Nothing is left
out.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import Counter
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent


def main(source: str) -> None:
    """Reads the source once and writes both files, the same bytes every time."""
    invoices: dict[str, list[dict[str, str]]] = {}
    names: dict[str, Counter[str]] = defaultdict(Counter)
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            invoices.setdefault(row["InvoiceNo"], []).append(row)
            names[row["StockCode"]][" ".join(row["Description"].split())] += 1
    _write(
        HERE / "orders.csv.gz",
        ("invoice", "at", "customer", "country", "lines"),
        (_invoice(number, rows) for number, rows in invoices.items()),
    )
    _write(
        HERE / "products.csv.gz",
        ("sku", "name"),
        ((sku, _commonest(counts)) for sku, counts in sorted(names.items())),
    )


def _invoice(number: str, rows: list[dict[str, str]]) -> tuple[str, ...]:
    first = rows[0]
    lines = ";".join(f"{row['StockCode']}*{row['Quantity']}@{row['UnitPrice']}" for row in rows)
    customer = first["CustomerID"].removesuffix(".0")
    return number, first["InvoiceDate"][:16], customer, first["Country"], lines


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (not name, -counts[name], name))


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
