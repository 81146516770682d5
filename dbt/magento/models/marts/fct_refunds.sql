{#
  One row for each line that a credit memo refunds, one for the shipping that it refunds, and one for the rest of its
  total (adjustments, fees of modules): so the rows of a credit memo add up to its total, whatever it consists of.
  Items that were delivered for a line, as of a configurable or a bundle, count for the line.
#}
with orders as (

    select
        *,
        case when base_currency_code = global_currency_code then 1 else nullif(base_to_global_rate, 0) end
            as reporting_rate
    from {{ ref('stg_magento__orders') }}

),

memos as (

    select memos.*
    from {{ ref('stg_magento__credit_memos') }} as memos
    where coalesce(memos.state, 2) <> 3

),

items as (

    select
        items.credit_memo_id,
        coalesce(nullif(ordered.parent_item_id, 0), items.order_item_id) as order_item_id,
        max(case when coalesce(ordered.parent_item_id, 0) = 0 then items.qty else 0 end) as qty,
        {%- for prefix in ['base_', ''] %}
        sum(
            coalesce(items.{{ prefix }}row_total, 0)
            - coalesce(items.{{ prefix }}discount_amount, 0)
            + coalesce(items.{{ prefix }}tax_amount, 0)
            + coalesce(items.{{ prefix }}discount_tax_compensation_amount, 0)
        ) as {{ prefix }}amount,
        sum(coalesce(items.{{ prefix }}tax_amount, 0)) as {{ prefix }}tax_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_magento__credit_memo_items') }} as items
    left join {{ ref('stg_magento__order_items') }} as ordered on items.order_item_id = ordered.order_item_id
    group by 1, 2

),

shipping as (

    select
        credit_memo_id,
        'shipping' as line_type,
        cast(null as bigint) as order_item_id,
        cast(0 as numeric(18, 4)) as qty,
        {%- for prefix in ['base_', ''] %}
        coalesce({{ prefix }}shipping_amount, 0) + coalesce({{ prefix }}shipping_tax_amount, 0) as {{ prefix }}amount,
        coalesce({{ prefix }}shipping_tax_amount, 0) as {{ prefix }}tax_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from memos

),

named as (

    select
        credit_memo_id,
        'product' as line_type,
        order_item_id,
        qty,
        {%- for prefix in ['base_', ''] %}
        {{ prefix }}amount,
        {{ prefix }}tax_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from items
    union all
    select *
    from shipping

),

sums as (

    select
        credit_memo_id,
        {%- for prefix in ['base_', ''] %}
        sum({{ prefix }}amount) as {{ prefix }}amount,
        sum({{ prefix }}tax_amount) as {{ prefix }}tax_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from named
    group by credit_memo_id

),

lines as (

    select *
    from named
    union all
    select
        memos.credit_memo_id,
        'other' as line_type,
        cast(null as bigint) as order_item_id,
        cast(0 as numeric(18, 4)) as qty,
        {%- for prefix in ['base_', ''] %}
        coalesce(memos.{{ prefix }}grand_total, 0) - sums.{{ prefix }}amount as {{ prefix }}amount,
        coalesce(memos.{{ prefix }}tax_amount, 0) - sums.{{ prefix }}tax_amount as {{ prefix }}tax_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from memos
    inner join sums on memos.credit_memo_id = sums.credit_memo_id

)

select
    cast(lines.credit_memo_id as text) || '-' || coalesce(cast(lines.order_item_id as text), lines.line_type)
        as refund_line_key,
    lines.credit_memo_id,
    memos.credit_memo_number,
    memos.order_id,
    cast(memos.order_id as text) || '-' || coalesce(cast(lines.order_item_id as text), lines.line_type)
        as order_line_key,
    lines.line_type,
    cast(memos.created_at as date) as refunded_on,
    memos.created_at as refunded_at,
    orders.base_currency_code,
    orders.order_currency_code,
    orders.global_currency_code as reporting_currency_code,
    lines.qty as qty_refunded,
    {{ magento.in_three_currencies('amount', 'lines.base_amount', 'lines.amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('tax_amount', 'lines.base_tax_amount', 'lines.tax_amount', 'orders.reporting_rate') }}
from lines
inner join memos on lines.credit_memo_id = memos.credit_memo_id
inner join orders on memos.order_id = orders.order_id
where lines.qty <> 0 or lines.base_amount <> 0 or lines.amount <> 0 or lines.base_tax_amount <> 0
