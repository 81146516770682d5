{#
  One row for each line of an order, one for its shipping, and one for the rest of its totals (fees of modules, gift
  wrapping, rounding): so the lines of an order add up to the order, amount by amount, whatever it consists of.

  A line is an item without a parent. What is delivered for it (the variant of a configurable, the products of a
  bundle) is no line of its own; the discount and tax that Magento keeps at the children of a bundle are added to it.
#}
{%- set parts = ['subtotal_amount', 'discount_amount', 'tax_amount', 'compensation_amount', 'canceled_amount'] -%}
with orders as (

    select
        stg.*,
        case when stg.base_currency_code = stg.global_currency_code then 1 else nullif(stg.base_to_global_rate, 0) end
            as reporting_rate
    from {{ ref('stg_magento__orders') }} as stg

),

items as (

    select items.*
    from {{ ref('stg_magento__order_items') }} as items
    inner join orders on items.order_id = orders.order_id

),

children as (

    select
        parent_item_id,
        {%- for prefix in ['base_', ''] %}
        sum({{ prefix }}discount_amount) as {{ prefix }}discount_amount,
        sum({{ prefix }}tax_amount) as {{ prefix }}tax_amount,
        sum({{ prefix }}discount_tax_compensation_amount) as {{ prefix }}discount_tax_compensation_amount
        {{- ',' if not loop.last }}
        {%- endfor %}
    from items
    where parent_item_id <> 0
    group by parent_item_id

),

products as (

    select
        line.order_id,
        'product' as line_type,
        line.order_item_id,
        line.product_id,
        line.product_type,
        line.sku,
        line.name,
        line.qty_ordered,
        coalesce(line.qty_canceled, 0) as qty_canceled,
        coalesce(line.qty_invoiced, 0) as qty_invoiced,
        coalesce(line.qty_shipped, 0) as qty_shipped,
        {%- for prefix in ['base_', ''] %}
        {{ magento.row_without_discount(prefix) }} as {{ prefix }}subtotal_amount,
        {{ magento.own_or_children(prefix ~ 'discount_amount') }} as {{ prefix }}discount_amount,
        {{ magento.own_or_children(prefix ~ 'tax_amount') }} as {{ prefix }}tax_amount,
        {{ magento.own_or_children(prefix ~ 'discount_tax_compensation_amount') }} as {{ prefix }}compensation_amount
        {{- ',' if not loop.last }}
        {%- endfor %}
    from items as line
    left join children on line.order_item_id = children.parent_item_id
    where coalesce(line.parent_item_id, 0) = 0

),

named as (

    select
        *,
        {%- for prefix in ['base_', ''] %}
        cast(
            round(
                cast(
                    case when qty_ordered > 0 then qty_canceled / qty_ordered else 0 end
                    * ({{ prefix }}subtotal_amount - {{ prefix }}discount_amount
                        + {{ prefix }}tax_amount + {{ prefix }}compensation_amount)
                    as numeric(18, 6)
                ),
                2
            ) as numeric(18, 4)
        ) as {{ prefix }}canceled_share{{ ',' if not loop.last }}
        {%- endfor %}
    from products
    union all
    select
        order_id,
        'shipping',
        null,
        null,
        null,
        null,
        shipping_description,
        0,
        0,
        0,
        0,
        {%- for prefix in ['base_', ''] %}
        coalesce({{ prefix }}shipping_amount, 0),
        coalesce({{ prefix }}shipping_discount_amount, 0),
        coalesce({{ prefix }}shipping_tax_amount, 0),
        coalesce({{ prefix }}shipping_discount_tax_compensation_amount, 0),
        {%- endfor %}
        0,
        0
    from orders

),

canceled as (

    select
        named.order_id,
        named.line_type,
        named.order_item_id,
        named.product_id,
        named.product_type,
        named.sku,
        named.name,
        named.qty_ordered,
        named.qty_canceled,
        named.qty_invoiced,
        named.qty_shipped,
        {%- for prefix in ['base_', ''] %}
        named.{{ prefix }}subtotal_amount,
        named.{{ prefix }}discount_amount,
        named.{{ prefix }}tax_amount,
        named.{{ prefix }}compensation_amount,
        case
            when orders.state = 'canceled'
                then named.{{ prefix }}subtotal_amount - named.{{ prefix }}discount_amount
                    + named.{{ prefix }}tax_amount + named.{{ prefix }}compensation_amount
            else named.{{ prefix }}canceled_share
        end as {{ prefix }}canceled_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from named
    inner join orders on named.order_id = orders.order_id

),

sums as (

    select
        order_id,
        {%- for prefix in ['base_', ''] %}
        {%- for part in parts %}
        sum({{ prefix }}{{ part }}) as {{ prefix }}{{ part }},
        {%- endfor %}
        {%- endfor %}
        count(*) as lines
    from canceled
    group by order_id

),

lines as (

    select *
    from canceled
    union all
    select
        orders.order_id,
        'other',
        null,
        null,
        null,
        null,
        null,
        0,
        0,
        0,
        0,
        {%- for prefix in ['base_', ''] %}
        coalesce(orders.{{ prefix }}subtotal, 0) + coalesce(orders.{{ prefix }}shipping_amount, 0)
        - sums.{{ prefix }}subtotal_amount,
        -coalesce(orders.{{ prefix }}discount_amount, 0) - sums.{{ prefix }}discount_amount,
        coalesce(orders.{{ prefix }}tax_amount, 0) - sums.{{ prefix }}tax_amount,
        {#- What remains of the total, so that it is exact. #}
        coalesce(orders.{{ prefix }}grand_total, 0)
        - coalesce(orders.{{ prefix }}subtotal, 0) - coalesce(orders.{{ prefix }}shipping_amount, 0)
        - coalesce(orders.{{ prefix }}discount_amount, 0) - coalesce(orders.{{ prefix }}tax_amount, 0)
        - sums.{{ prefix }}compensation_amount,
        case
            when orders.state = 'canceled' then coalesce(orders.{{ prefix }}grand_total, 0)
            else coalesce(orders.{{ prefix }}total_canceled, 0)
        end - sums.{{ prefix }}canceled_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from orders
    inner join sums on orders.order_id = sums.order_id

),

refunds as (

    select
        order_line_key,
        sum(qty_refunded) as qty_refunded,
        sum(base_amount) as base_refunded_amount,
        sum(order_amount) as refunded_amount
    from {{ ref('fct_refunds') }}
    group by order_line_key

),

keyed as (

    select
        cast(lines.order_id as text) || '-' || coalesce(cast(lines.order_item_id as text), lines.line_type)
            as order_line_key,
        lines.*,
        {%- for prefix in ['base_', ''] %}
        lines.{{ prefix }}subtotal_amount - lines.{{ prefix }}discount_amount
        + lines.{{ prefix }}tax_amount + lines.{{ prefix }}compensation_amount as {{ prefix }}total_amount
        {{- ',' if not loop.last }}
        {%- endfor %}
    from lines

)

select
    keyed.order_line_key,
    keyed.order_id,
    orders.order_number,
    keyed.line_type,
    cast(orders.created_at as date) as ordered_on,
    coalesce(orders.state = 'canceled', false) as is_canceled,
    orders.store_id,
    keyed.order_item_id,
    keyed.product_id,
    keyed.product_type,
    keyed.sku,
    keyed.name,
    variants.product_id as variant_product_id,
    {%- for attribute in ['color', 'size'] if attribute in var('magento_product_attributes') %}
    variants.{{ attribute }},
    {%- endfor %}
    orders.base_currency_code,
    orders.order_currency_code,
    orders.global_currency_code as reporting_currency_code,
    {{ magento.money('keyed.qty_ordered') }} as qty_ordered,
    {{ magento.money('keyed.qty_canceled') }} as qty_canceled,
    {{ magento.money('keyed.qty_invoiced') }} as qty_invoiced,
    {{ magento.money('keyed.qty_shipped') }} as qty_shipped,
    {{ magento.money('refunds.qty_refunded') }} as qty_refunded,
    {{ magento.in_three_currencies('subtotal_amount', 'keyed.base_subtotal_amount', 'keyed.subtotal_amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('discount_amount', 'keyed.base_discount_amount', 'keyed.discount_amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('tax_amount', 'keyed.base_tax_amount', 'keyed.tax_amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('total_amount', 'keyed.base_total_amount', 'keyed.total_amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('canceled_amount', 'keyed.base_canceled_amount', 'keyed.canceled_amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies(
        'revenue',
        "case when orders.state = 'canceled' then 0 else keyed.base_total_amount end",
        "case when orders.state = 'canceled' then 0 else keyed.total_amount end",
        'orders.reporting_rate'
    ) }},
    {{ magento.in_three_currencies('refunded_amount', 'refunds.base_refunded_amount', 'refunds.refunded_amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies(
        'net_revenue',
        'keyed.base_total_amount - keyed.base_canceled_amount - coalesce(refunds.base_refunded_amount, 0)',
        'keyed.total_amount - keyed.canceled_amount - coalesce(refunds.refunded_amount, 0)',
        'orders.reporting_rate'
    ) }}
from keyed
inner join orders on keyed.order_id = orders.order_id
left join refunds on keyed.order_line_key = refunds.order_line_key
left join {{ ref('dim_products') }} as variants on keyed.sku = variants.sku and not variants.is_deleted
where keyed.line_type = 'product'
    or refunds.order_line_key is not null
    {%- for prefix in ['base_', ''] %}
    or keyed.{{ prefix }}total_amount <> 0
    {%- for part in parts %}
    or keyed.{{ prefix }}{{ part }} <> 0
    {%- endfor %}
    {%- endfor %}
