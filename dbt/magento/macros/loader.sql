{# The column in which the loader keeps when a row was extracted. #}
{% macro loader_column() %}
{%- set columns = {
    'singer': '_sdc_extracted_at',
    'airbyte': '_airbyte_extracted_at',
    'dlt': '_dlt_load_id',
} -%}
{%- set loader = var('magento_loader') -%}
{%- if loader not in columns -%}
{{ exceptions.raise_compiler_error("magento_loader must be one of " ~ columns | join(", ") ~ ", not '" ~ loader ~ "'") }}
{%- endif -%}
{{ return(columns[loader]) }}
{% endmacro %}


{# When a row was extracted; null where the loader was not told to keep it. dlt keeps seconds since 1970 as text. #}
{% macro extracted_at(present, column) -%}
{%- if column != '_dlt_load_id' or column not in present -%}
{{ magento.cast_column(present, column, 'timestamp') }}
{%- elif target.type == 'duckdb' -%}
make_timestamp(cast(cast(loaded._dlt_load_id as double) * 1000000 as bigint))
{%- else -%}
to_timestamp(cast(loaded._dlt_load_id as double precision)) at time zone 'UTC'
{%- endif -%}
{%- endmacro %}
