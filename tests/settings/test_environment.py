"""Settings from environment variables: what the text says, or one line that names the setting."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigurationError

from tap_magento.settings import schema as settings
from tap_magento.settings.environment import settings_from, unknown_variables, unread_variables, variable
from tap_magento.tap import TapMagento

SCHEMA: dict[str, Any] = json.loads(json.dumps(settings.CONFIG_SCHEMA))
TapMagento.append_builtin_config(SCHEMA)
NAMES = sorted(SCHEMA["properties"])
BASE = {"TAP_MAGENTO_STORE_URL": "https://shop.example.com", "TAP_MAGENTO_ACCESS_TOKEN": "abcdefghijkl"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with what reaches a shop; a test adds to it."""
    for name, value in BASE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def config_of_a_tap() -> Mapping[str, Any]:
    return TapMagento(parse_env_config=True, setup_mapper=False).config


def parsed(name: str, text: str) -> Any:
    return settings_from({variable(name): text}, SCHEMA).get(name)


@pytest.mark.parametrize("text", ["true", "True", " TRUE ", "1", "yes", "on"])
def test_true(text: str) -> None:
    assert parsed("verify_ssl", text) is True


@pytest.mark.parametrize("text", ["false", "False", "0", "no", "off"])
def test_false(text: str) -> None:
    assert parsed("verify_ssl", text) is False


@pytest.mark.parametrize("text", ["y", "t", "nope", "null", "2", "tru"])
def test_no_other_word_turns_the_certificate_check_off(environment: pytest.MonkeyPatch, text: str) -> None:
    environment.setenv("TAP_MAGENTO_VERIFY_SSL", text)
    with pytest.raises(ConfigurationError, match=r"^`verify_ssl` must be `true` or `false`$"):
        config_of_a_tap()


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
@pytest.mark.parametrize("name", NAMES)
def test_a_blank_variable_is_not_given(environment: pytest.MonkeyPatch, name: str, text: str) -> None:
    plain = config_of_a_tap()
    assert plain["verify_ssl"] is True
    if variable(name) not in BASE:
        environment.setenv(variable(name), text)
        assert config_of_a_tap() == plain


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("page_size", " 50 ", 50),
        ("page_size", "\u00b2", "\u00b2"),
        ("page_size", "1e3", "1e3"),
        ("page_size", "9" * 5_000, "9" * 5_000),
        ("store_views", '["default", "german"]', ["default", "german"]),
        ("store_views", "default, german", ["default", "german"]),
        ("headers", '{"X-Key": "v"}', {"X-Key": "v"}),
        ("headers", "X-Key: v", "X-Key: v"),
        ("stream_maps", "[" * 100_000, "[" * 100_000),
        ("password", " with blanks ", " with blanks "),
        ("store_code", "1", "1"),
    ],
)
def test_a_text_is_what_its_type_says_or_stays_a_text(name: str, text: str, value: object) -> None:
    assert parsed(name, text) == value


def test_an_old_name_counts(environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    environment.setenv("TAP_MAGENTO_KEEP_COPIES", "true")
    assert config_of_a_tap()["include_nested_duplicates"] is True
    assert "`keep_copies` is now called `include_nested_duplicates`" in caplog.text


def test_unknown_variables_are_named(environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    environment.setenv("TAP_MAGENTO_PAGESIZE", "50")
    config_of_a_tap()
    assert "TAP_MAGENTO_PAGESIZE is ignored: tap-magento has no such setting; did you mean TAP_MAGENTO_PAGE_SIZE?" in (
        caplog.text
    )


def test_variables_of_the_sdk_and_of_meltano_are_not_unknown() -> None:
    others = {"TAP_MAGENTO_LOGLEVEL": "DEBUG", "TAP_MAGENTO__SELECT": "[]", "TAP_SHOP_URL": "x", "HOME": "/"}
    assert list(unknown_variables(others, SCHEMA)) == []


def test_a_setting_that_only_the_environment_holds_is_named() -> None:
    environment = {"TAP_MAGENTO_STORE_CODE": "de", "TAP_MAGENTO_PAGE_SIZE": "50", "TAP_MAGENTO_PROXY": ""}
    (line,) = unread_variables(environment, SCHEMA, {"page_size": 50})
    assert line.startswith("The environment variable TAP_MAGENTO_STORE_CODE is ignored")
    assert "meltano.yml" in line


TEXTS = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.sampled_from(
        ["\udcff", "[]", "{}", "null", "-1", "0", "1" * 400, '{"a": {"b": [1]}}', "[[[]]]", "http://[", "NaN"]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    ).map(json.dumps),
)


@given(name=st.sampled_from(NAMES), text=TEXTS)
@example(name="stream_maps", text='{"orders": ' * 30 + "1" + "}" * 30)
@example(name="start_date", text="9999-12-31T23:59:59-05:00")
@example(name="store_url", text="http://evil.example\\.localhost")
@example(name="totp_secret", text="\u00e9")
def test_any_text_is_a_valid_setting_or_one_line(name: str, text: str) -> None:
    with pytest.MonkeyPatch.context() as environment:
        for each, value in (BASE | {variable(name): text}).items():
            environment.setenv(each, value)
        try:
            config = config_of_a_tap()
        except ConfigurationError as error:
            line = str(error)
            assert line.isprintable()
            assert name in line or "credentials for several" in line
            assert len(text) < 12 or text not in line
        else:
            assert isinstance(config["verify_ssl"], bool)
            assert isinstance(config["page_size"], int)
            assert re.fullmatch(r"\w+", config["store_code"])
