"""Somebody new: invited by mail, in their language, and told at their first visit how they work here."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from posts.mailing import mail_notices
from tests.journeys.screens import enter

SECRET = "一把没人猜得到的钥匙"


@pytest.fixture
def boss(transactional_db: None) -> User:
    """Who may invite."""
    return User.objects.create_superuser("boss", "boss@example.org", "secret", first_name="主编")


def test_whoever_is_invited_chooses_a_password_and_is_told_how_they_work_here_in_chinese(
    page: Page, another_browser: Page, live_server: LiveServer, settings: Settings, boss: User
) -> None:
    settings.SITE_ADDRESS = live_server.url
    enter(page, live_server, boss, "zh-hans")
    page.goto(f"{live_server.url}/admin/auth/user/")
    page.get_by_role("link", name="邀请新人").click()
    page.locator("#id_email").fill("li@example.org")
    page.locator("#id_first_name").fill("小丽")
    page.get_by_label("审阅人", exact=True).check()
    page.locator("#id_language").select_option("zh-hans")
    page.get_by_role("button", name="发出邀请").click()
    expect(page.locator("#people-link")).to_have_value(re.compile("/password/"))

    assert mail_notices() == 1
    letter = mail.outbox[-1]
    assert letter.to == ["li@example.org"] and "主编" in letter.body
    [link] = re.findall(rf"{live_server.url}/password/\S+", letter.body)
    new = another_browser
    new.goto(link)
    for field in ("#id_new_password1", "#id_new_password2"):
        new.locator(field).fill(SECRET)
    new.get_by_role("button", name="设置密码").click()
    new.get_by_role("link", name="去登录").click()
    new.locator("#id_username").fill("li")
    new.locator("#id_password").fill(SECRET)
    new.locator("#id_password").press("Enter")

    told = new.get_by_role("region", name="这里怎么用")
    expect(told).to_contain_text("审阅：队列中只显示改动之处。")
    # What this role never does is not talked of.
    expect(told).not_to_contain_text("发布：")
    told.get_by_role("button", name="知道了").click()
    expect(told).to_have_count(0)
    new.reload()
    expect(new.get_by_role("heading", name="首页")).to_be_visible()
    expect(told).to_have_count(0)
    # The link was good for one time.
    new.goto(link)
    expect(new.get_by_role("link", name="重新获取链接")).to_be_visible()
