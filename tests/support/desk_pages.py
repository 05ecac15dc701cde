"""Every page of every role, and what is on it when it is drawn: a new page is added here and tried in a real browser."""

from callcenter.web.roles import Role

PAGES = {
    Role.SHIFT_MANAGER: {
        "/board": ".seats li",
        "/wall": ".seats li",
        "/owed": "table",
        "/tickets": ".cards-list li",
        "/support": "[data-seat]",
        "/duty": "[data-swap]",
        "/duty/guests": ".line-form",
    },
    Role.QA_REVIEWER: {"/quality": ".cards-list li", "/search": "form.ask", "/sampling": ".figures dd"},
    Role.AGENT: {"/agent": ".seat-bar", "/mine": ".own-day td"},
    Role.ADMIN: {
        "/house/accounts": "table",
        "/house/settings": "tbody tr",
        "/house/seats": "tbody tr",
        "/house/flows": "tbody tr",
        "/house/prompts": "tbody tr",
        "/house/notices": ".hint",
        "/house/calendar": "tbody tr",
        "/house/departments": ".hint",
        "/house/roles": ".yes",
        "/house/sessions": "tbody tr",
    },
    Role.AUDITOR: {"/house/audit": "tbody tr"},
}
