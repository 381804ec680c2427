"""Addresses of the agreement's pages below the language."""

from django.urls import path

from customers.access import staff_page
from dpa.views import customer, forwarded, handing_on, public, record, staff
from dpa.wizard import REGISTER
from publishing.views import Wizard

urlpatterns = [
    path("dpa/", public.dpa, name="dpa"),
    path("dpa/agreement.pdf", public.current_pdf, name="dpa_pdf"),
    path("dpa/agreement.docx", public.current_docx, name="dpa_docx"),
    path("dpa/versions/", public.versions, name="dpa_versions"),
    path("dpa/compare/", public.compare, name="dpa_compare"),
    path("dpa/v/<str:number>/", public.version, name="dpa_version"),
    path("dpa/v/<str:number>/agreement.pdf", public.version_pdf, name="dpa_version_pdf"),
    path("dpa/v/<str:number>/agreement.docx", public.version_docx, name="dpa_version_docx"),
    path("dpa/v/<str:number>/agreement.txt", public.version_text, name="dpa_version_text"),
    path("agreement/", customer.agreement, name="agreement"),
    path("agreement/agreement.pdf", customer.pdf, name="agreement_pdf"),
    path("agreement/accept/", customer.accept, name="agreement_accept"),
    path("agreement/done/<str:reference>/", customer.done, name="agreement_done"),
    path("agreement/done/<str:reference>/agreement.pdf", customer.executed_pdf, name="agreement_executed_pdf"),
    path("agreement/change/<str:number>/", customer.change, name="agreement_change"),
    path("agreement/decline/", customer.decline, name="agreement_decline"),
    path("agreement/declined/", customer.declined, name="agreement_declined"),
    path("agreement/delegate/", handing_on.forward, name="agreement_delegate"),
    path("agreement/delegate/<int:delegation_id>/", handing_on.forwarded_again, name="agreement_delegate_again"),
    path("agreement/i/<str:token>/", forwarded.read, name="agreement_forwarded"),
    path("agreement/i/<str:token>/agreement.pdf", forwarded.pdf, name="agreement_forwarded_pdf"),
    path("agreement/i/<str:token>/accept/", forwarded.accept, name="agreement_forwarded_accept"),
    path("agreement/i/<str:token>/done/", forwarded.done, name="agreement_forwarded_done"),
    path("agreement/i/<str:token>/done/agreement.pdf", forwarded.executed_pdf, name="agreement_forwarded_executed_pdf"),
    path("account/applied/", customer.applied, name="account_applied"),
    path("manage/record/", record.page, name="manage_record"),
    path("manage/record/record.csv", record.csv_file, name="manage_record_csv"),
    path("manage/record/record.pdf", record.pdf_file, name="manage_record_pdf"),
    path("account/documents/", customer.documents, name="account_documents"),
    path("account/documents/<str:reference>.pdf", customer.paper_pdf, name="account_paper_pdf"),
    path("manage/dpa/", staff.versions, name="manage_dpa"),
    path("manage/dpa/draft/", staff.draft, name="manage_dpa_draft"),
    path("manage/dpa/<int:pk>/", staff.version, name="manage_dpa_version"),
    *Wizard(REGISTER, staff_page).paths("manage/dpa/"),
    path("manage/acceptances/", staff.acceptances, name="manage_acceptances"),
    path("manage/acceptances.csv", staff.acceptances_csv, name="manage_acceptances_csv"),
    path("manage/acceptances/<int:customer_id>/remind/", staff.remind, name="manage_acceptance_remind"),
    path("manage/acceptances/<int:customer_id>/paper/", staff.paper, name="manage_paper"),
]
