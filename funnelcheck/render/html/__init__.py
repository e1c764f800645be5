"""HTML reports: a portfolio page, a page for each advertiser and the catalogue of rules.

Every page stands alone: no request, styles inlined and allowed by their hash. Whatever comes from a log is hostile
text; the environment escapes it and makes its invisible signs visible on every way out.
"""

from __future__ import annotations

from funnelcheck.render.html.monday import digest_page
from funnelcheck.render.html.site import each_page, page_name, page_names, pages, portfolio_page

__all__ = ["digest_page", "each_page", "page_name", "page_names", "pages", "portfolio_page"]
