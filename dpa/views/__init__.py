"""The agreement's pages: public, for customers, for people with a forwarded link, for staff."""
