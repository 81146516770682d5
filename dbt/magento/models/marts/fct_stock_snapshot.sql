{{ config(materialized='incremental', unique_key='stock_key') }}
{#
  Quantities by SKU and source on each day that this model was built: the tap keeps the current ones alone. Building it
  twice on a day replaces the day's rows.
#}
select
    cast(current_date as text) || '|' || items.source_code || '|' || items.sku as stock_key,
    current_date as snapshot_on,
    items.sku,
    items.source_code,
    sources.source_name,
    products.product_id,
    items.quantity,
    coalesce(items.status = 1, false) as is_in_stock
from {{ ref('stg_magento__inventory_source_items') }} as items
left join {{ ref('stg_magento__inventory_sources') }} as sources on items.source_code = sources.source_code
left join {{ ref('dim_products') }} as products on items.sku = products.sku and not products.is_deleted
