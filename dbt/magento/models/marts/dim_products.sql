{#
  Products, and those that orders have and the shop no longer does. Attributes are named by the variable
  `magento_product_attributes`: labels where they have options, else their values.
#}
{%- set attributes = var('magento_product_attributes') -%}
with products as (

    select *
    from {{ ref('stg_magento__products') }}

),

options as (

    select attribute_code, value, min(label) as label
    from {{ ref('stg_magento__attribute_options') }}
    where store_code = 'all'
    group by attribute_code, value

),

gone as (

    select
        items.product_id,
        min(items.sku) as sku,
        min(items.name) as name,
        min(items.product_type) as product_type
    from {{ ref('stg_magento__order_items') }} as items
    where items.product_id is not null
        and not exists (select 1 from products where products.product_id = items.product_id)
    group by items.product_id

)

select
    products.product_id,
    products.sku,
    products.name,
    products.product_type,
    products.price,
    products.weight,
    coalesce(products.status = 1, false) as is_enabled,
    case products.visibility
        when 1 then 'not visible individually'
        when 2 then 'catalog'
        when 3 then 'search'
        when 4 then 'catalog, search'
    end as visibility,
    {%- for attribute in attributes %}
    coalesce({{ attribute }}_options.label, {{ magento.json_text('products.custom_attributes', attribute) }})
        as {{ attribute }},
    {%- endfor %}
    products.created_at,
    products.updated_at,
    false as is_deleted
from products
{%- for attribute in attributes %}
left join options as {{ attribute }}_options
    on {{ attribute }}_options.attribute_code = '{{ attribute }}'
    and {{ attribute }}_options.value = {{ magento.json_text('products.custom_attributes', attribute) }}
{%- endfor %}
union all
select
    product_id,
    sku,
    name,
    product_type,
    null,
    null,
    false,
    null,
    {%- for _ in attributes %}
    null,
    {%- endfor %}
    null,
    null,
    true
from gone
