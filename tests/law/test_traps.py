"""What careless answers get wrong is right on the cards: one line for each trap that a card can fall into."""

import pytest

from law.cards import Card

# (card, words its Chinese text must hold, words it must not hold)
TRAPS = [
    ("overtime-pay", ["21.75", "13 天法定假", "不能用补休抵"], ["20.67", "20.83", "11 天"]),
    ("annual-leave", ["再补 200%"], ["再补 300%"]),
    ("n-plus-one", ["没有 2N+1", "两样不能都要"], []),
    ("dismissal-compensation", ["或者要求回去上班"], ["最多 12 年", "12 年封顶"]),
    ("arbitration-limit", ["1 年内", "15 天内起诉", "2 年内申请强制"], ["60 天内申请"]),
    ("wages-unpaid", ["在职期间要工资不受 1 年限制", "监察投诉要在 2 年内"], []),
    ("maternity-leave", ["98 天"], ["90 天"]),
    ("no-contract", ["最多 11 个月", "普通 1 年时效"], ["12 个月"]),
    ("insurance-waiver", ["无效", "要回发给您的社保补贴"], []),
    ("insurance-unpaid", ["一般不走仲裁"], []),
    ("over-age", ["2026 年 7 月起", "一般没有 N"], []),
    ("rider-injured", ["没有核实", "今天就报"], ["1 年内", "一年内"]),
    ("rider-fines", ["推荐标准，不是强制的"], ["违法"]),
    ("account-ban", ["指引"], ["违法的", "平台违法"]),
    ("injury-report", ["不是主要责任", "30 天内"], []),
    ("injury-benefits", ["本人工资", "受伤前 12 个月缴费工资"], ["到手工资"]),
    ("housing-fund", ["不归劳动仲裁管"], []),
    ("resign", ["不用批准"], []),
    ("forced-resignation", ["别写“个人原因”", "失业金"], []),
    ("deductions-fines", ["没有罚款权", "20%"], []),
    ("overtime-limits", ["36 小时"], ["44"]),
    ("union-join", ["2 倍"], []),
    ("pregnancy-dismissal", ["合同到期要顺延"], []),
    ("high-temperature", ["没有核实", "以当地规定为准"], ["300"]),
]


def text_of(card: Card) -> str:
    words = (card.answer, card.deadline, *card.do_now, *card.keep)
    return "\n".join(one.in_language("zh") for one in words)


@pytest.mark.parametrize(("card_id", "held", "absent"), TRAPS, ids=[one for one, _, _ in TRAPS])
def test_the_card_does_not_fall_into_the_trap(
    cards: tuple[Card, ...], card_id: str, held: list[str], absent: list[str]
) -> None:
    text = text_of(next(card for card in cards if card.id == card_id))
    assert [words for words in held if words not in text] == []
    assert [words for words in absent if words in text] == []


def test_the_extension_of_an_expiring_contract_rests_on_the_right_article(cards: tuple[Card, ...]) -> None:
    card = next(card for card in cards if card.id == "pregnancy-dismissal")
    assert ("劳动合同法", "45") in {(one.law, one.article) for one in card.citations}


def test_the_union_law_is_cited_by_its_numbers_since_2022(cards: tuple[Card, ...]) -> None:
    card = next(card for card in cards if card.id == "union-join")
    assert ("工会法", "53") in {(one.law, one.article) for one in card.citations}


def test_no_card_cites_an_article_that_was_repealed(cards: tuple[Card, ...]) -> None:
    stale = {("劳动法", "36"), ("劳动法", "62"), ("劳动法", "82")}
    assert not stale & {(one.law, one.article) for card in cards for one in card.citations}
