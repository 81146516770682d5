"""The report: one page of HTML with charts, which needs nothing else.

`python -m demo.charts PAGE` reads the figures as JSON from standard input. It runs in the environment of dbt, which
has the plotting library.
"""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

Row = Mapping[str, Any]

_LONGEST = 24
_BLUE, _ORANGE, _GREY = "#2563eb", "#f59e0b", "#94a3b8"
_STYLE = """
:root { color-scheme: light; font-family: system-ui, sans-serif; color: #0f172a; background: #f8fafc; }
body { margin: 0 auto; max-width: 1200px; padding: 1rem; }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1rem; margin: 0 0 .5rem; }
p { color: #475569; margin: .25rem 0 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); gap: .75rem; }
.charts { margin: .75rem 0; }
.card { background: #fff; border: 1px solid #e2e8f0; border-radius: .5rem; padding: .75rem; min-width: 0; }
.card b { display: block; font-size: 1.25rem; } .card span { color: #475569; font-size: .875rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
td, th { padding: .25rem .5rem; text-align: left; border-bottom: 1px solid #e2e8f0; }
td + td, th + th { text-align: right; }
.wide { overflow-x: auto; }
"""


def main(page: str) -> None:
    """Write the page.

    Args:
        page: Its path.
    """
    figures = json.load(sys.stdin)
    Path(page).write_text(_page(figures), encoding="utf-8")


def _page(figures: Mapping[str, Sequence[Row]]) -> str:
    totals, customers = figures["totals"][0], figures["customers"][0]
    currency = totals["currency"]
    charts = (
        (f"Net revenue and refunds by week of the order, {currency}", _weeks(figures["weeks"])),
        (f"Best sellers: net revenue, {currency}", _best_sellers(figures["best_sellers"])),
        ("First and repeat orders by month", _months(figures["months"])),
        (f"Net revenue by store view, {currency}", _stores(figures["currencies"])),
    )
    cards = [_chart(title, figure, is_first=not place) for place, (title, figure) in enumerate(charts)]
    share = customers["repeat_customers"] / max(customers["customers"], 1)
    tiles = {
        "orders, without cancelled ones": f"{totals['orders']:,}",
        f"ordered, {currency}": f"{totals['ordered']:,.2f}",
        f"cancelled, {currency}": f"{totals['canceled']:,.2f}",
        f"refunded, {currency}": f"{totals['refunded']:,.2f}",
        f"net revenue, {currency}": f"{totals['net_revenue']:,.2f}",
        "customers who came again": f"{customers['repeat_customers']:,} of {customers['customers']:,} ({share:.0%})",
    }
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The shop in figures</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>The shop in figures</h1>
<p>From the dbt models over the tables that tap-magento loaded. Amounts of all websites are in {_text(currency)}, by the
rate of each order.</p>
<div class="tiles">{"".join(_tile(label, value) for label, value in tiles.items())}</div>
<div class="charts">{"".join(cards)}</div>
<div class="card wide"><details><summary>Tables of the run</summary>{_tables(figures["tables"])}</details></div>
</body>
</html>
"""


def _weeks(rows: Sequence[Row]) -> go.Figure:
    weeks = [row["week"] for row in rows]
    return go.Figure(
        [
            go.Bar(x=weeks, y=[row["net_revenue"] for row in rows], name="net revenue", marker_color=_BLUE),
            go.Bar(x=weeks, y=[row["refunded"] for row in rows], name="refunded", marker_color=_ORANGE),
        ],
        {"barmode": "stack"},
    )


def _best_sellers(rows: Sequence[Row]) -> go.Figure:
    best_last = list(reversed(rows))
    return go.Figure(
        go.Bar(
            x=[row["net_revenue"] for row in best_last],
            y=[_short(row["name"], row["sku"]) for row in best_last],
            customdata=[[row["sku"], row["pieces"]] for row in best_last],
            hovertemplate="%{customdata[0]}<br>%{x:,.2f}<br>%{customdata[1]} pieces<extra></extra>",
            orientation="h",
            marker_color=_BLUE,
        )
    )


def _months(rows: Sequence[Row]) -> go.Figure:
    months = [row["month"] for row in rows]
    return go.Figure(
        [
            go.Bar(x=months, y=[row["first_orders"] for row in rows], name="first orders", marker_color=_GREY),
            go.Bar(x=months, y=[row["repeat_orders"] for row in rows], name="repeat orders", marker_color=_BLUE),
        ],
        {"barmode": "stack", "xaxis": {"dtick": "M1", "tickformat": "%b %Y"}},
    )


def _stores(rows: Sequence[Row]) -> go.Figure:
    return go.Figure(
        go.Bar(
            x=[f"{row['store']} ({row['currency']})" for row in rows],
            y=[row["net_revenue"] for row in rows],
            customdata=[[row["base_net_revenue"], row["currency"]] for row in rows],
            hovertemplate="%{y:,.2f}<br>%{customdata[0]:,.2f} %{customdata[1]}<extra></extra>",
            marker_color=_BLUE,
        )
    )


def _chart(title: str, figure: go.Figure, *, is_first: bool) -> str:
    figure.update_layout(
        template="plotly_white",
        height=320,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "traceorder": "normal", "y": 1.02, "yanchor": "bottom", "x": 0},
        font={"family": "system-ui, sans-serif", "size": 12},
        xaxis={"automargin": True},
        yaxis={"automargin": True},
    )
    drawn = figure.to_html(
        full_html=False,
        include_plotlyjs=is_first,
        config={"responsive": True, "displayModeBar": False},
        default_width="100%",
        default_height="320px",
    )
    return f'<div class="card"><h2>{_text(title)}</h2>{drawn}</div>'


def _tile(label: str, value: str) -> str:
    return f'<div class="card"><span>{_text(label)}</span><b>{_text(value)}</b></div>'


def _tables(rows: Sequence[Row]) -> str:
    body = "".join(
        f"<tr><td>{_text(row['table'])}</td><td>{row['rows']:,}</td><td>{_text(row['extracted'] or '')}</td></tr>"
        for row in rows
    )
    return f"<table><tr><th>table</th><th>rows</th><th>last extracted, UTC</th></tr>{body}</table>"


def _short(name: str, sku: str) -> str:
    """Shorten a name for an axis; two products may have the same name, so the SKU's end tells them apart."""
    words = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    end = sku if len(sku) <= _LONGEST else f"…{sku[1 - _LONGEST :]}"
    return f"{_text(words)}<br><sup>{_text(end)}</sup>"


def _text(value: str) -> str:
    return html.escape(value)


if __name__ == "__main__":
    main(sys.argv[1])
