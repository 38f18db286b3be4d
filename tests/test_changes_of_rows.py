"""Loops that bring the rows of one other row up to what is wanted of them: what two lists do not share."""

from __future__ import annotations

from dblint_rules.query import n_plus_one, write_in_loop

from dblint.facts.project import Project
from tests.link.linked import linked

PAGES = """\
from django.db import models

class Page(models.Model):
    title = models.TextField()

class Tag(models.Model):
    page = models.ForeignKey(Page, models.CASCADE, related_name="tags")
    name = models.TextField()

class Mail(models.Model):
    name = models.TextField()

def both_ways(page: Page, wanted: set):
    stored = set(page.tags.values_list("name", flat=True))
    for name in wanted - stored:
        Tag.objects.create(page=page, name=name)
        Mail.objects.filter(name=name).exists()
    for name in sorted(stored - wanted):
        Tag.objects.filter(page=page, name=name).delete()
    for name in [each for each in wanted if each.strip() and each not in stored]:
        Mail.objects.get(name=name)
    for name in [each for each in stored if each not in wanted and each.strip()]:
        Mail.objects.get(name=name)

def missing(page: Page, wanted: set):
    stored = {tag.name: tag for tag in Tag.objects.filter(page=page)}
    for name in wanted.difference(stored.keys()):
        Tag.objects.create(page=page, name=name)  # finding

def too_much(page: Page, wanted: set):
    old = [tag for tag in page.tags.all() if tag.name not in wanted]
    for tag in old:
        tag.delete()  # finding

def half_at_once(page: Page, wanted: set):
    stored = set(page.tags.values_list("name", flat=True))
    added = wanted - stored
    removed = stored - wanted
    for name in added:
        Tag.objects.create(page=page, name=name)  # finding
    Tag.objects.filter(page=page, name__in=removed).delete()

def told_of_each(page: Page, wanted: set):
    old = [tag for tag in page.tags.all() if tag.name not in wanted]
    Tag.objects.filter(page=page).exclude(name__in=wanted).delete()
    for tag in old:
        Mail.objects.create(name=tag.name)

def others(page: Page, muted: set):
    for tag in [tag for tag in page.tags.all() if tag.name not in muted]:
        Mail.objects.create(name=tag.name)  # finding

def elsewhere(page: Page, wanted: set):
    stored = set(page.tags.values_list("name", flat=True))
    for name in wanted - stored:
        Mail.objects.create(name=name)  # finding

def whole(wanted: set):
    stored = set(Tag.objects.values_list("name", flat=True))
    for name in stored - wanted:
        Tag.objects.filter(name=name).delete()  # finding

def of_several(pages, wanted: set):
    stored = set(Tag.objects.filter(page__in=pages).values_list("name", flat=True))
    for name in stored - wanted:
        Tag.objects.filter(name=name).delete()  # finding

def open_ones(wanted: set):
    stored = set(Tag.objects.filter(name="open").values_list("page_id", flat=True))
    for key in wanted - stored:
        Tag.objects.create(page_id=key, name="open")  # finding
        Page.objects.get(pk=key)  # finding
"""
GROUPS = """\
const _ = require('lodash');
const { Model } = require('objection');
class Group extends Model {
  static get tableName() { return 'group'; }
}
class User extends Model {
  static get tableName() { return 'user'; }
  static get relationMappings() {
    return { groups: { relation: Model.ManyToManyRelation, modelClass: Group, join: {
      from: 'user.id', through: { from: 'user_group.user', to: 'user_group.group' }, to: 'group.id' } } };
  }
}
class Tag extends Model {
  static get tableName() { return 'tag'; }
}
exports.join = async (id, wanted) => {
  const user = await User.query().findById(id);
  const stored = (await user.$relatedQuery('groups').select('group.id')).map((group) => group.id);
  for (const key of _.difference(wanted, stored)) {
    await user.$relatedQuery('groups').relate(key);
  }
  for (const key of _.difference(stored, wanted)) {
    await user.$relatedQuery('groups').unrelate().where('group.id', key);
  }
};
exports.keep = async (user, wanted) => {
  const stored = await Tag.query().where({ user });
  const kept = new Set(wanted.map((tag) => tag.id));
  const removed = stored.filter((tag) => !kept.has(tag.id));
  await Tag.query().delete().whereIn('id', removed.map((tag) => tag.id));
  for (const tag of removed) {
    await Group.query().insert({ id: tag.id });
  }
};
exports.together = async (user, wanted, others) => {
  const stored = await Tag.query().where({ user });
  const kept = new Set(wanted.map((tag) => tag.id));
  const closed = stored.filter((tag) => tag.closed && !kept.has(tag.id));
  const open = stored.filter((tag) => !tag.closed && tag.id && !others.includes(tag.id));
  await Tag.query().delete().whereIn('id', [...closed, ...open].map((tag) => tag.id));
  for (const tag of [...closed, ...open]) {
    await Group.query().insert({ id: tag.id });
  }
  for (const tag of [...closed, ...stored]) {
    await Group.query().insert({ id: tag.id }); // finding
  }
  for (const tag of stored.filter((tag) => tag.closed || !kept.has(tag.id))) {
    await Group.query().insert({ id: tag.id }); // finding
  }
};
exports.whole = async (wanted) => {
  const stored = (await Tag.query().whereRaw('NOT hidden').select('id')).map((tag) => tag.id);
  for (const id of _.difference(wanted, stored)) {
    await Tag.query().insert({ id }); // finding
  }
  for (const id of _.difference(stored, wanted)) {
    await Tag.query().deleteById(id); // finding
  }
};
exports.tell = async (user, muted) => {
  const stored = await Tag.query().where({ user });
  for (const tag of stored.filter((tag) => !muted.includes(tag.id))) {
    await Group.query().insert({ id: tag.id }); // finding
  }
};
"""


def told(project: Project, text: str) -> list[int]:
    found = [*write_in_loop.check(project), *n_plus_one.check(project)]
    return sorted(text.encode()[: each.place.start].count(b"\n") for each in found)


def marked(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines()) if line.endswith("finding")]


def test_few_changes_of_the_rows_of_one_row_are_no_loop_over_many() -> None:
    for name, text in (("pages.py", PAGES), ("groups.js", GROUPS)):
        assert told(linked({name: text}), text) == marked(text)
