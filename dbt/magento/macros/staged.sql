{#
  A table of the tap, renamed and typed: current rows only.

  A column that the table does not have (deselected, or left out as personal data) is null, and a table that was not
  loaded is empty. Rows that the shop has deleted are left out: `deletions` names them, and so does the column
  `_sdc_deleted_at` of Singer loaders.

  table:    name of the tap's table.
  key:      the column of the tap's key, where `deletions` can name it; none for other tables.
  columns:  name to type, or to [type, new name].
  parent:   for rows that are nested in others: the staging model of these, and [own column, its key].
            Rows that an older version of the parent had are left out.
#}
{% macro staged(table, columns, key=none, parent=none, parent_key=none) %}
{%- set relation = source('magento', table) -%}
{%- set present = magento.columns_of(relation) -%}
{%- set deletions = source('magento', 'deletions') -%}
{%- set has_deletions = magento.columns_of(deletions) | length > 0 -%}
{%- set loaded_at = magento.loader_column() -%}
{%- set parents = ref(parent) if parent else none -%}
select
{%- for name, wanted in columns.items() %}
{%- set type, alias = (wanted, name) if wanted is string else (wanted[0], wanted[1]) %}
    {{ magento.cast_column(present, name, type) }} as {{ alias }},
{%- endfor %}
    {{ magento.extracted_at(present, loaded_at) }} as extracted_at
{%- if present %}
from {{ relation }} as loaded
where true
{%- if '_sdc_deleted_at' in present %}
    and loaded._sdc_deleted_at is null
{%- endif %}
{%- if key and has_deletions %}
    and not exists (
        select 1
        from {{ deletions }} as gone
        where gone.stream = '{{ table }}'
            and gone.{{ adapter.quote('key') }} = cast(loaded.{{ key }} as text)
            and gone.restored_at is null
    )
{%- endif %}
{%- if parents %}
    and exists (
        select 1
        from {{ parents }} as parent
        where parent.{{ parent_key[1] }} = loaded.{{ parent_key[0] }}
            and (
                {{ magento.extracted_at(present, loaded_at) }} >= parent.extracted_at
                or parent.extracted_at is null
            )
    )
{%- endif %}
{%- else %}
where false
{%- endif %}
{% endmacro %}


{# The columns that a table has, name to type in lower case; none while dbt parses, and of a table that is not there. #}
{% macro columns_of(relation) %}
{%- set found = {} -%}
{%- if execute -%}
{%- set existing = adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
{%- if existing -%}
{%- for column in adapter.get_columns_in_relation(existing) -%}
{%- do found.update({column.name: column.dtype | lower}) -%}
{%- endfor -%}
{%- endif -%}
{%- endif -%}
{{ return(found) }}
{% endmacro %}


{# A column of the table by its type; null where the table does not have it. Timestamps are UTC, without a zone. #}
{% macro cast_column(present, name, type) -%}
{%- if name not in present -%}
cast(null as {{ type }})
{%- elif type == 'timestamp' and 'with time zone' in present[name] -%}
loaded.{{ adapter.quote(name) }} at time zone 'UTC'
{%- elif type == 'json' -%}
{{ magento.as_json('loaded.' ~ adapter.quote(name)) }}
{%- else -%}
cast(loaded.{{ adapter.quote(name) }} as {{ type }})
{%- endif -%}
{%- endmacro %}
