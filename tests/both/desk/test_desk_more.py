"""Conversations: the second menu."""

from dialogue import talk


def test_the_second_menu_offers_what_the_outlet_has():
    dialogue = talk(
        """
        >> keys #
        << show choice title=More flow=more
        >> keys 5
        << tone warn
        >> keys 7
        << show choice title=Drawer flow=drawer
        >> keys *
        << show choice title=More
        >> keys *
        << show menu
        """
    )
    assert dialogue.desk.state == "menu"


def test_an_outlet_without_more_says_so():
    talk(
        """
        >> hello {"services": ["sale"], "drawer": $drawer}
        << show menu
        >> keys #
        << tone warn
        << show menu notice=Nothing_more_is_offered_here
        """
    )


def test_the_menu_follows_the_outlets_services():
    talk(
        """
        >> news config.changed {"config_version": 2}
        >> hello {"services": ["sale", "drawer"], "drawer": $drawer}
        << show menu services=('sale',_'drawer')
        >> keys B
        << tone warn
        << show menu notice=Pay-in_is_not_offered_here
        >> keys #
        << show choice rows=(('7',_'Drawer',_''),)
        """
    )
