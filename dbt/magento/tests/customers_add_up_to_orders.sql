-- No order is lost or counted twice where customers are summed up.
with customers as (

    select sum(reporting_lifetime_value) as amount, sum(orders + canceled_orders) as orders
    from {{ ref('dim_customers') }}

),

orders as (

    select sum(reporting_net_revenue) as amount, count(*) as orders
    from {{ ref('fct_orders') }}

)

select *
from customers
cross join orders
where customers.amount <> orders.amount
    or customers.orders <> orders.orders
