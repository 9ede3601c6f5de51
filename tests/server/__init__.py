"""The module tests/serving.py starts servers for these tests."""
