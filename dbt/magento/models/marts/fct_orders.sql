with orders as (

    select
        *,
        case when base_currency_code = global_currency_code then 1 else nullif(base_to_global_rate, 0) end
            as reporting_rate,
        case
            when customer_id is not null then 'customer-' || cast(customer_id as text)
            when trim(customer_email) <> ''
                then 'guest-' || md5('{{ var("magento_guest_salt") }}' || lower(trim(customer_email)))
            else 'order-' || cast(order_id as text)
        end as customer_key,
        case when state = 'canceled' then 0 else base_grand_total end as base_revenue,
        case when state = 'canceled' then 0 else grand_total end as order_revenue,
        case when state = 'canceled' then base_grand_total else coalesce(base_total_canceled, 0) end as base_canceled,
        case when state = 'canceled' then grand_total else coalesce(total_canceled, 0) end as order_canceled
    from {{ ref('stg_magento__orders') }}

),

refunds as (

    select
        order_id,
        sum(base_amount) as base_refunded,
        sum(order_amount) as order_refunded
    from {{ ref('fct_refunds') }}
    group by order_id

),

billing as (

    select order_id, min(country_id) as country_id
    from {{ ref('stg_magento__order_addresses') }}
    where address_type = 'billing'
    group by order_id

),

payments as (

    select order_id, min(payment_method) as payment_method
    from {{ ref('stg_magento__order_payments') }}
    group by order_id

)

select
    orders.order_id,
    orders.order_number,
    orders.customer_key,
    orders.customer_id,
    cast(orders.created_at as date) as ordered_on,
    orders.created_at as ordered_at,
    orders.updated_at,
    orders.state,
    orders.status,
    coalesce(orders.state = 'canceled', false) as is_canceled,
    orders.customer_id is null as is_guest,
    row_number() over (
        partition by orders.customer_key order by orders.created_at, orders.order_id
    ) as customer_order_number,
    orders.store_id,
    views.store_code,
    views.website_id,
    orders.coupon_code,
    payments.payment_method,
    billing.country_id as billing_country_id,
    orders.base_currency_code,
    orders.order_currency_code,
    orders.global_currency_code as reporting_currency_code,
    orders.reporting_rate,
    orders.total_qty_ordered as qty_ordered,
    {{ magento.in_three_currencies('subtotal_amount', 'orders.base_subtotal', 'orders.subtotal', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('discount_amount', '-orders.base_discount_amount', '-orders.discount_amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('tax_amount', 'orders.base_tax_amount', 'orders.tax_amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('shipping_amount', 'orders.base_shipping_amount', 'orders.shipping_amount', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('total_amount', 'orders.base_grand_total', 'orders.grand_total', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('canceled_amount', 'orders.base_canceled', 'orders.order_canceled', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('revenue', 'orders.base_revenue', 'orders.order_revenue', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies('refunded_amount', 'refunds.base_refunded', 'refunds.order_refunded', 'orders.reporting_rate') }},
    {{ magento.in_three_currencies(
        'net_revenue',
        'orders.base_grand_total - orders.base_canceled - coalesce(refunds.base_refunded, 0)',
        'orders.grand_total - orders.order_canceled - coalesce(refunds.order_refunded, 0)',
        'orders.reporting_rate'
    ) }}
from orders
left join refunds on orders.order_id = refunds.order_id
left join billing on orders.order_id = billing.order_id
left join payments on orders.order_id = payments.order_id
left join {{ ref('stg_magento__store_views') }} as views on orders.store_id = views.store_id
