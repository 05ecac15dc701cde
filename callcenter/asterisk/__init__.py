"""The edge to Asterisk: the only package that knows AMI, AGI, channels and configuration files."""
