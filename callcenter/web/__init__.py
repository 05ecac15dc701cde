"""The aiohttp application: API, event stream, sign-in, status page. It decides nothing about calls."""
