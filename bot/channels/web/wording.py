"""What the public pages say around a company's policy, by locale."""

from __future__ import annotations

from bot.knowledge.document import Texts

WORDING: dict[str, Texts] = {
    "skip": {"en": "Skip to the content", "ja": "本文へ移動"},
    "desk": {"en": "Personal-information inquiry desk", "ja": "個人情報お問い合わせ窓口"},
    "language": {"en": "Language", "ja": "言語"},
    "home": {"en": "All companies", "ja": "会社一覧"},
    # index
    "index_title": {"en": "Ask about your personal information", "ja": "個人情報について質問する"},
    "index_lead": {
        "en": "What does a disclosure cost, which ID is taken, how is your data corrected or deleted? Choose one: "
        "its desk answers from that company’s own privacy policy and quotes the sentence it relies on.",
        "ja": "開示の手数料、本人確認書類、訂正や削除の手続き。会社を選んで質問すると、"
        "その会社のプライバシーポリシーに基づき、根拠となる文を引用してお答えします。",
    },
    "companies": {"en": "Companies", "ja": "会社"},
    "ask": {"en": "Ask the desk", "ja": "窓口に質問する"},
    "read": {"en": "Read the policy", "ja": "ポリシーを読む"},
    "ask_company": {"en": "Ask {company}’s desk", "ja": "{company}の窓口に質問する"},
    "read_company": {"en": "Read {company}’s policy", "ja": "{company}のポリシーを読む"},
    "version": {"en": "version of {date}", "ja": "{date}版"},
    "no_version": {"en": "no date stated", "ja": "日付の記載なし"},
    "hours": {"en": "Telephone", "ja": "電話受付"},
    "every_day": {"en": "every day", "ja": "毎日"},
    "languages": {"en": "Languages", "ja": "言語"},
    "policy": {"en": "Policy", "ja": "ポリシー"},
    # demonstration page
    "demo_title": {"en": "Your personal information at {company}", "ja": "{company}における個人情報の取り扱い"},
    "demo_lead": {
        "en": "{company} answers questions about the personal data that it holds: what is kept and why, how to see, "
        "correct or delete it, what that costs and which papers it needs.",
        "ja": "{company}が保有する個人情報について、利用目的、開示・訂正・削除の手続き、"
        "手数料や必要書類などのご質問にお答えします。",
    },
    "demo_ask": {"en": "Ask a question", "ja": "質問する"},
    "demo_how": {"en": "What to expect", "ja": "ご利用にあたって"},
    "demo_answer": {"en": "An answer at once", "ja": "すぐにお答えします"},
    "demo_answer_text": {
        "en": "An automated assistant answers day and night, in {languages}.",
        "ja": "自動応答アシスタントが24時間、{languages}でお答えします。",
    },
    "demo_quote": {"en": "In the policy’s own words", "ja": "根拠を原文で示します"},
    "demo_quote_text": {
        "en": "Each answer quotes the sentence that it rests on. What the policy does not state is said to be so.",
        "ja": "回答には根拠となる文を引用します。ポリシーに記載のないことは、記載がないとお伝えします。",
    },
    "demo_person": {"en": "A person when you want one", "ja": "担当者にもつながります"},
    "demo_person_text": {
        "en": "Ask for one at any time; all you have written goes with you. Or turn to {desk} directly.",
        "ja": "いつでも担当者に引き継げます。それまでの内容も伝わります。"
        "{desk}に直接お問い合わせいただくこともできます。",
    },
    "demo_policy": {"en": "The policy", "ja": "プライバシーポリシー"},
    "demo_policy_text": {
        "en": "{title}, {version}, with an address for every clause.",
        "ja": "{title}（{version}）。すべての条項にリンクできます。",
    },
    "demo_embed": {"en": "For the site’s owner", "ja": "サイト管理者の方へ"},
    "demo_embed_text": {
        "en": "This is a demonstration page, not a site of {company}. One tag puts the chat on any page:",
        "ja": "これはデモページで、{company}のサイトではありません。"
        "次のタグだけで、どのページにもチャットを設置できます。",
    },
    # policy page
    "contents": {"en": "Contents", "ja": "目次"},
    "verbatim": {
        "en": "The text as {company} published it, word for word. Its own mistakes stand as they are.",
        "ja": "{company}が公開した文章をそのまま掲載しています（原文は英語）。",
    },
    "clause": {"en": "Link to clause {number}", "ja": "第{number}項へのリンク"},
    # no such company
    "missing_title": {"en": "There is no such company here", "ja": "この会社は登録されていません"},
    "missing_text": {
        "en": "The address may be mistyped. These are the companies whose desks answer here:",
        "ja": "アドレスが間違っている可能性があります。こちらから会社をお選びください。",
    },
    # the way back into a case
    "case_title": {"en": "Your inquiry to {company}", "ja": "{company}へのお問い合わせ"},
    "case_reference": {"en": "Reference {reference}", "ja": "受付番号 {reference}"},
    "case_lead": {
        "en": "The button opens the chat with everything that was said. The link works once: go on when you are on the device "
        "that you want to read on.",
        "ja": "ボタンを押すと、これまでのやり取りがチャットで開きます。リンクは一度しか使えません。"
        "お読みになる端末で開いてください。",
    },
    "case_enter": {"en": "Open the chat", "ja": "チャットを開く"},
    "case_opened": {
        "en": "Your chat is open on this page: read the answer there and write back. It is forgotten here when you close this tab; "
        "a later answer brings a mail with a new link.",
        "ja": "このページでチャットが開いています。回答をご確認のうえ、そのままご返信いただけます。タブを閉じると、"
        "この端末には何も残りません。次の回答の際は、新しいリンクをメールでお送りします。",
    },
    "case_chat": {"en": "Show the chat", "ja": "チャットを表示する"},
    "case_used_title": {"en": "This link does not open any more", "ja": "このリンクはご利用いただけません"},
    "case_used_text": {
        "en": "A link in a mail opens a case once, within 14 days. This one was used, has run out, or is not complete.",
        "ja": "メールのリンクは14日以内に一度だけご利用いただけます。すでに使用されたか、期限が切れたか、"
        "アドレスが途中で切れています。",
    },
    "case_used_new": {
        "en": "Your case is not lost. Ask the company’s desk in the chat and name your reference: a new link is sent to the "
        "address that you left.",
        "ja": "お問い合わせの内容は失われていません。会社の窓口のチャットで受付番号をお伝えください。"
        "ご登録のメールアドレスに新しいリンクをお送りします。",
    },
    "top": {"en": "Back to the top", "ja": "ページの先頭へ"},
}

LANGUAGES: dict[str, Texts] = {
    "en": {"en": "English", "ja": "英語"},
    "ja": {"en": "Japanese", "ja": "日本語"},
}

#: How each language calls itself.
OWN_NAMES = {"en": "English", "ja": "日本語"}

WEEKDAYS: dict[str, tuple[str, ...]] = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "ja": ("月", "火", "水", "木", "金", "土", "日"),
}
