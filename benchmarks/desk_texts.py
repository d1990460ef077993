"""What people write in the desk benchmark's data: invented, in English and Japanese, with rare words among the common ones."""

from __future__ import annotations

import random

SYLLABLES = "ka ki ku ko sa shi su so ta chi tsu to na ni no ha hi ho ma mi mo ya yu yo ra ri ru re ro wa da de do ba be".split()
KANJI = "山田中村木林森川池原野谷島崎沢橋本松竹梅藤佐加伊高小大西東南北上下内石岡福金井清水平和長安永岩浅深青白黒赤星月花"
TOWNS = {
    "en": "Sapporo Sendai Yokohama Kawasaki Nagoya Kyoto Osaka Kobe Hiroshima Fukuoka Naha Niigata Kanazawa Okayama".split(),
    "ja": "札幌市 仙台市 横浜市 川崎市 名古屋市 京都市 大阪市 神戸市 広島市 福岡市 那覇市 新潟市 金沢市 岡山市".split(),
}
THINGS = {
    "en": "contract invoice newsletter application parcel membership survey router tuner password catalogue questionnaire".split(),
    "ja": "契約 請求書 メールマガジン 申込書 荷物 会員登録 アンケート ルーター チューナー パスワード カタログ 診察券".split(),
}

ASKED = {
    "en": (
        "What does a disclosure cost, and how do I pay? It is about my {thing}.",
        "Which identification do you take? I moved from {town} last month and my card shows the old address.",
        "Please delete everything you hold on me, customer number {number}.",
        "My name is {name}. Somebody called me and knew about my {thing}. Did you pass my data on?",
        "I asked for a correction of my address in {town} three weeks ago and heard nothing.",
        "Can my daughter {name} make the request for me? I am in hospital in {town}.",
        "Why do you need my telephone number for a {thing}?",
        "I got mail for {name}, who does not live here any more. Please stop sending it.",
        "Where do I send the form by post, and does the envelope need a mark?",
        "I want to know to whom you gave my data in the last two years, number {number}.",
        "Your answer does not help me. I want to talk to a person about my {thing}.",
        "Is the health insurance card all right if I black out the numbers?",
    ),
    "ja": (
        "開示の手数料はいくらですか。{thing}についてです。",
        "本人確認書類は何が必要ですか。先月{town}から引っ越したので住所が古いままです。",
        "私の情報をすべて削除してください。お客様番号は{number}です。",
        "{name}と申します。{thing}のことを知っている人から電話がありました。個人情報を第三者に提供しましたか。",
        "三週間前に住所の訂正をお願いしましたが、まだ返事がありません。{town}です。",
        "娘の{name}が代わりに請求できますか。{town}の病院に入院しています。",
        "{name}さん宛ての郵便が届きますが、もう住んでいません。送付を停止してください。",
        "請求書類の送り先と、封筒に書くことを教えてください。",
        "{thing}の件で担当の方と直接お話ししたいです。番号は{number}です。",
        "健康保険証は番号を黒く塗れば使えますか。",
    ),
}

REPLIED = {
    "en": (
        "Thank you for writing. I have looked at your {thing} and will answer by tomorrow.",
        "Please send the form with a copy of your licence to the address in our policy. We will write to you in {town}.",
        "I have corrected the address, {name}. Is there anything else?",
        "We did not pass your data on. The call came from somebody else; please tell us the number, {number}.",
        "The request has arrived. We answer within two weeks, by post.",
    ),
    "ja": (
        "お問い合わせありがとうございます。{thing}を確認して、明日までにご連絡します。",
        "申請書に運転免許証の写しを添えて、方針に記載の住所へお送りください。{town}のご住所へ返送いたします。",
        "{name}様、ご住所を訂正しました。ほかにご用件はございますか。",
        "第三者への提供はしておりません。電話の番号{number}をお知らせください。",
        "ご請求を受け付けました。二週間以内に郵送で回答いたします。",
    ),
}

NOTED = (
    "Called {name}, no answer. Try again after five.",
    "Checked the {thing}: number {number} is another customer's.",
    "{name}様より折り返し希望。{thing}の件。",
    "Copy of the licence has arrived, from {town}.",
)


class Writer:
    """Makes texts; the same seed writes the same."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def name(self, locale: str) -> str:
        """A surname of one of some thousands, some of them frequent."""
        skewed = int(self.random.paretovariate(0.7))
        chosen = random.Random(skewed % 6000)
        if locale == "ja":
            return "".join(chosen.sample(KANJI, 2))
        return "".join(chosen.choices(SYLLABLES, k=chosen.randint(2, 4))).capitalize()

    def ask(self, locale: str) -> str:
        return self._fill(self.random.choice(ASKED[locale]), locale)

    def reply(self, locale: str) -> str:
        return self._fill(self.random.choice(REPLIED[locale]), locale)

    def note(self, locale: str) -> str:
        return self._fill(self.random.choice(NOTED), locale)

    def _fill(self, text: str, locale: str) -> str:
        return text.format(
            name=self.name(locale),
            town=self.random.choice(TOWNS[locale]),
            thing=self.random.choice(THINGS[locale]),
            number=self.random.randrange(10**7, 10**8),
        )
