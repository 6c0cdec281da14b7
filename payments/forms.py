"""Forms of the desk for the money: which text is acceptable. Rules stay in the services."""

from django import forms


class SettleForm(forms.Form):
    """Nothing to fill in: the question itself is the form."""
