"""The options and fixtures of the CDK's standard tests."""

pytest_plugins = ["airbyte_cdk.test.standard_tests.pytest_hooks"]
