"""How a reader recognises each fact of the checklist: patterns in German and English, some by kind of channel."""

from __future__ import annotations

PUSH = ("web_push", "app_push")
Patterns = tuple[str, str] | dict[str, tuple[str, str]]

WITNESSES: dict[str, Patterns] = {
    "F1": {
        "web_push": (r"^Push-Benachrichtigungen im Browser", r"^Push notifications in the browser"),
        "app_push": (r"^Push-Benachrichtigungen in unserer App", r"^Push notifications in our app"),
        "facebook_messenger": (r"^Nachrichten über den Facebook Messenger", r"^Messages via Facebook Messenger"),
        "telegram": (r"^Nachrichten über Telegram", r"^Messages via Telegram"),
    },
    "F2": (r"können Sie sich .*anmelden|Sie können sich anmelden.*\bfreiwillig", r"you can register|You can register.*voluntary"),
    "F3": (
        r"CleverPush GmbH, Heidenkampsweg 100, 20097 Hamburg, Deutschland",
        r"CleverPush GmbH, Heidenkampsweg 100, 20097 Hamburg, Germany",
    ),
    "F4": (r"Auftragsverarbeiter .*Art. 28 DSGVO", r"processor.*Art. 28 GDPR"),
    "F5": (r"regelmäßig: Lokalpolitik und Sport, etwa dreimal täglich", r"regularly receive: Lokalpolitik und Sport, etwa dreimal täglich"),
    "F6": {
        "web_push": (r"fragt Ihr Browser .*bestätigen", r"your browser asks .*confirm"),
        "app_push": (r"fragt das Betriebssystem .*bestätigen", r"the operating system .*asks .*confirm"),
        "facebook_messenger": (r"bestätigen, dass Sie unsere Nachrichten", r"confirming there that you want to receive"),
        "telegram": (r"bestätigen, dass Sie unsere Nachrichten", r"confirming there that you want to receive"),
    },
    "F7": (r"dokumentiert und gespeichert", r"documented and stored"),
    "F8": (r"Zeitpunkt der Anmeldung", r"time of registration"),
    "F9": {
        "web_push": (r"Push-Token.*Endpunkt.*Schlüssel", r"push token.*endpoint.*keys"),
        "app_push": (
            r"Push-Token \(Geräte-Token\).*Kennung der Installation",
            r"push token \(device token\).*identifier of the installation",
        ),
        "facebook_messenger": (r"Nutzerkennung.*seitenbezogene Kennung", r"user ID.*page-scoped ID"),
        "telegram": (r"Nutzerkennung und die Kennung Ihrer Unterhaltung", r"user ID and the ID of your conversation"),
    },
    "F10": (
        r"um Ihnen (die Push-Benachrichtigungen|unsere Nachrichten) zu senden",
        r"in order to send you (the push notifications|our messages)",
    ),
    "F11": (r"als Nachweis, dass Sie eingewilligt haben", r"as proof that you have consented"),
    "F12": (r"Einwilligung \(Art. 6 Abs. 1 lit. a DSGVO\)", r"consent \(Art. 6\(1\)\(a\) GDPR\)"),
    "F13": (r"weder Ihren Namen|wer Sie sind|können wir Sie erkennen", r"neither your name|who you are|we can recognise you"),
    "F14": {
        **dict.fromkeys(
            ("web_push", "app_push", "facebook_messenger"),
            (r"(ob|wie oft) und wann .*angezeigt.*(klicken|angeklickt)", r"(whether|how often) and when .*displayed.*click"),
        ),
        # Telegram does not tell a bot what was displayed.
        "telegram": (
            r"(ob|wie oft) und wann (Sie )?Links in unseren Nachrichten (anklicken|angeklickt)",
            r"(whether|how often) and when (you click )?links in our messages",
        ),
    },
    "F15": (r"vermuteten Interessen aller .*Interesse an unserem Angebot", r"presumed interests of all .*interest in our offer"),
    "F16": {
        "web_push": (r"Hauptthema der Seite", r"main topic of the page"),
        "app_push": (r"Hauptthema des Bereichs unserer App", r"main topic of the part of our app"),
        "facebook_messenger": (r"Hauptthema der Seite", r"main topic of the page"),
        "telegram": (r"Hauptthema der Seite", r"main topic of the page"),
    },
    "F17": (r"gezielt an die Personen", r"specifically to those people"),
    "F18": (r"Art. 6 Abs. 1 lit. [af] DSGVO", r"Art. 6\(1\)\([af]\) GDPR"),
    "F19": (
        r"gesetzlich dazu verpflichtet.*Abwehr von Ansprüchen.*Beweis.*Rechtsverstöße",
        r"legally obliged.*claims.*evidence.*infringements",
    ),
    "F20": (r"jederzeit mit Wirkung für die Zukunft widerrufen", r"withdraw your consent at any time with effect for the future"),
    "F21": (r"Widerspruch einlegen \(Art. 21 Abs. 1 DSGVO\)", r"object at any time .*\(Art. 21\(1\) GDPR\)"),
    "F22": (r"formlose Nachricht", r"informal message"),
    "F23": {
        "web_push": (r"Einstellungen Ihres Browsers", r"settings of your browser"),
        "app_push": (r"Einstellungen Ihres Geräts", r"settings of your device"),
    },
    "F24": {
        "facebook_messenger": (r"im Facebook Messenger mit einer Nachricht .*Stop", r"in Facebook Messenger with a message .*Stop"),
        "telegram": (r"Befehl „/stop“", r"command “/stop”"),
    },
    "F25": (
        r"gelöscht, sobald .*solange Ihre Anmeldung besteht.*3 Kalenderjahre",
        r"deleted as soon as .*as long as your registration.*3 calendar years",
    ),
    "F26": (r"https://example.com/abmelden", r"https://example.com/abmelden"),
    "F27": (
        r"schnell geladen und Angriffe abgewehrt.*Auftragsverarbeiter.*Cloudflare, Inc., 101 Townsend.*2021/914.*proinity LLC.*2000/518",
        r"quickly and attacks are warded off.*processors.*Cloudflare, Inc., 101 Townsend.*2021/914.*proinity LLC.*2000/518",
    ),
    "F28": (r"nur allgemeine Inhalte.*IP-Adresse.*personenbezogenes Datum", r"only general content.*IP address.*personal data"),
    "F29": {
        "web_push": (r"Google Ireland Limited.*Apple.*Mozilla.*Microsoft", r"Google Ireland Limited.*Apple.*Mozilla.*Microsoft"),
        "app_push": (r"Google Ireland Limited.*Gordon House.*Apple", r"Google Ireland Limited.*Gordon House.*Apple"),
        "facebook_messenger": (
            r"Meta Platforms Ireland Limited.*Merrion Road, Dublin 4, D04 X2K5, Irland.*https://www.facebook.com/privacy/policy/",
            r"Meta Platforms Ireland Limited.*Merrion Road, Dublin 4, D04 X2K5, Ireland.*https://www.facebook.com/privacy/policy/",
        ),
        "telegram": (
            r"Telegram Messenger Inc\..*EDPO.*https://telegram.org/privacy.*Telegram FZ-LLC",
            r"Telegram Messenger Inc\..*EDPO.*https://telegram.org/privacy.*Telegram FZ-LLC",
        ),
    },
    "controller": (
        r"Verantwortlich .*Muster Verlag GmbH.*Datenschutzbeauftragten",
        r"controller .*Muster Verlag GmbH.*data protection officer",
    ),
    "device": (r"§ 25 Abs. 1 TDDDG", r"section 25\(1\) of the German TDDDG"),
    "recipients": (r"Unterauftragsverarbeiter|nicht unser Auftragsverarbeiter", r"subprocessors|not our processor"),
    "third_countries": (
        r"außerhalb des Europäischen Wirtschaftsraums.*Kopie der Garantien",
        r"outside the European Economic Area.*copy of the safeguards",
    ),
    "profiling": (r"Profilings \(Art. 4 Nr. 4 DSGVO\).*Art. 22 DSGVO", r"profiling \(Art. 4\(4\) GDPR\).*Art. 22 GDPR"),
    "rights": (r"Art. 15.*Art. 16.*Art. 17.*Art. 18.*Art. 20", r"Art. 15.*Art. 16.*Art. 17.*Art. 18.*Art. 20"),
    "complaint": (r"beschweren \(Art. 77 DSGVO\)", r"complaint .*\(Art. 77 GDPR\)"),
}


def pattern(fact: str, channel_type: str, language: str) -> str:
    found = WITNESSES[fact]
    pair = found[channel_type] if isinstance(found, dict) else found
    return pair[0 if language == "de" else 1]
