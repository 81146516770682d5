{# Every day from the first order to the last day that a fact names, and today. #}
with facts as (

    select ordered_on as day from {{ ref('fct_orders') }}
    union all
    select refunded_on from {{ ref('fct_refunds') }}
    union all
    select shipped_on from {{ ref('fct_shipments') }}
    union all
    select current_date

),

ends as (

    select min(day) as first_day, max(day) as last_day
    from facts

),

days as (

    {% if target.type == 'duckdb' -%}
    select cast(unnest(generate_series(first_day, last_day, interval '1 day')) as date) as day
    {%- else -%}
    select cast(generate_series(first_day, last_day, interval '1 day') as date) as day
    {%- endif %}
    from ends

)

select
    day as date_day,
    cast(extract(year from day) as integer) as year,
    cast(extract(quarter from day) as integer) as quarter,
    cast(extract(month from day) as integer) as month,
    cast(date_trunc('month', day) as date) as month_start,
    cast(extract(week from day) as integer) as iso_week,
    cast(date_trunc('week', day) as date) as week_start,
    cast(extract(isodow from day) as integer) as iso_day_of_week,
    extract(isodow from day) >= 6 as is_weekend
from days
