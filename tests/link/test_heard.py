"""What functions are given that listen to signals: rows, and their classes."""

from __future__ import annotations

from tests.link.linked import linked

MODELS = """
    from django.db import models

    class Crate(models.Model):
        label = models.TextField()

    class Lid(models.Model):
        crate = models.ForeignKey(Crate, on_delete=models.CASCADE, related_name="lids")

    class Tray(models.Model):
        label = models.TextField()
    """
SIGNALS = """
    from django.db.models.signals import m2m_changed, post_delete, post_save
    from django.dispatch import Signal, receiver
    from stock.models import Crate, Lid, Tray
    import unknown

    packed = Signal()

    @receiver([post_save, post_delete], sender=Lid)
    def counted(sender, instance, **named):
        instance.crate.lids.count()
        sender.objects.exists()

    @receiver(post_save, sender=Crate)
    @receiver(post_save, sender="stock.Tray")
    def either(instance, **named):
        instance.save()

    def dropped(sender, instance, using, **named):
        instance.delete()
        using.delete()

    post_delete.connect(dropped, sender=Tray)

    @receiver(post_save)
    def of_all(instance, **named):
        instance.save()

    @receiver(post_save, sender=Crate)
    @receiver(post_save)
    def of_all_besides(instance, **named):
        instance.save()

    decorate = unknown.connect(dropped, sender=Crate)

    @unknown.receiver(post_save, sender=Crate)
    def of_unknown(instance, **named):
        instance.save()

    @receiver(packed, sender=Crate)
    @receiver(m2m_changed, sender=Lid)
    def of_others(instance, **named):
        instance.save()
    """


def test_a_listener_is_given_rows_of_the_models_that_it_is_connected_for() -> None:
    project = linked({"stock/__init__.py": "", "stock/models.py": MODELS, "stock/signals.py": SIGNALS})
    told = [
        (call.function.rpartition("::")[2], call.member, query.table)
        for call in project.calls
        for query in call.queries
        if call.trigger != "built"
    ]
    # Nothing of one that hears of all models, of a signal of which nothing is known, and of other parameters.
    assert told == [
        ("counted", "count", "stock_lid"),
        ("counted", "exists", "stock_lid"),
        ("either", "save", "stock_crate"),
        ("either", "save", "stock_tray"),
        ("dropped", "delete", "stock_tray"),
    ]
