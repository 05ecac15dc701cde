"""Call days (接话日): a mayor or bureau chief answers real calls, beside a helper, with a follow-up list of his own."""
