-- Amount by amount and currency by currency, the lines of an order add up to the order.
{% set amounts = ['total_amount', 'discount_amount', 'tax_amount', 'canceled_amount', 'revenue', 'refunded_amount', 'net_revenue'] -%}
{%- set currencies = ['base', 'order', 'reporting'] -%}
with lines as (

    select
        order_id,
        {%- for amount in amounts %}{% for currency in currencies %}
        sum({{ currency }}_{{ amount }}) as {{ currency }}_{{ amount }},
        {%- endfor %}{% endfor %}
        count(*) as lines
    from {{ ref('fct_order_lines') }}
    group by order_id

)

select orders.order_id
from {{ ref('fct_orders') }} as orders
left join lines on orders.order_id = lines.order_id
where lines.order_id is null
    {%- for amount in amounts %}{% for currency in currencies %}
    or orders.{{ currency }}_{{ amount }} <> lines.{{ currency }}_{{ amount }}
    {%- endfor %}{% endfor %}
