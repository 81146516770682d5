{# Customers with an account, and guests: these by a pseudonym of their e-mail address, see `magento_guest_salt`. #}
with orders as (

    select
        *,
        row_number() over (partition by customer_key order by is_canceled, ordered_at, order_id) as place
    from {{ ref('fct_orders') }}

),

sums as (

    select
        customer_key,
        max(customer_id) as customer_id,
        min(case when not is_canceled then ordered_at end) as first_order_at,
        max(case when not is_canceled then ordered_at end) as last_order_at,
        max(case when place = 1 and not is_canceled then order_id end) as first_order_id,
        sum(case when is_canceled then 0 else 1 end) as orders,
        sum(case when is_canceled then 1 else 0 end) as canceled_orders,
        sum(reporting_revenue) as reporting_revenue,
        sum(reporting_refunded_amount) as reporting_refunded_amount,
        sum(reporting_net_revenue) as reporting_net_revenue
    from orders
    group by customer_key

),

customers as (

    select
        customers.*,
        'customer-' || cast(customers.customer_id as text) as customer_key,
        customer_groups.customer_group
    from {{ ref('stg_magento__customers') }} as customers
    left join {{ ref('stg_magento__customer_groups') }} as customer_groups
        on customers.customer_group_id = customer_groups.customer_group_id

)

select
    coalesce(customers.customer_key, sums.customer_key) as customer_key,
    coalesce(customers.customer_id, sums.customer_id) as customer_id,
    case
        when customers.customer_id is not null then 'account'
        when sums.customer_id is not null then 'deleted account'
        else 'guest'
    end as customer_type,
    customers.email,
    customers.customer_group,
    customers.website_id,
    customers.created_at as registered_at,
    sums.first_order_id,
    sums.first_order_at,
    sums.last_order_at,
    cast(date_trunc('month', sums.first_order_at) as date) as cohort_month,
    cast(coalesce(sums.orders, 0) as bigint) as orders,
    cast(coalesce(sums.canceled_orders, 0) as bigint) as canceled_orders,
    coalesce(sums.orders, 0) > 1 as is_repeat_customer,
    cast(coalesce(sums.reporting_revenue, 0) as numeric(28, 8)) as reporting_revenue,
    cast(coalesce(sums.reporting_refunded_amount, 0) as numeric(28, 8)) as reporting_refunded_amount,
    cast(coalesce(sums.reporting_net_revenue, 0) as numeric(28, 8)) as reporting_lifetime_value
from customers
full outer join sums on customers.customer_key = sums.customer_key
