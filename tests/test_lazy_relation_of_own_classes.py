"""`query/lazy-relation-in-loop` where the project's own classes stand between a loop and its query: classes of queries,
bases that compute the names of tables; and where rows are gathered in lists before they are used."""

from __future__ import annotations

from tests.link.linked import linked, only
from tests.test_lazy_relation_in_loop import told

FLASK = """
    from flask_sqlalchemy import SQLAlchemy
    from flask_sqlalchemy.model import Model
    from flask_sqlalchemy.query import Query as BaseQuery

    class OwnQuery(BaseQuery):
        def visible(self):
            return self.filter_by(hidden=False)

        def with_owner(self):
            return self.options(db.joinedload(Event.owner))

    class OwnModel(Model):
        query: OwnQuery
        query_class = OwnQuery

        @classmethod
        def get(cls, key):
            return cls.query.get(key)

    class Plain(Model):
        query: BaseQuery

    db = SQLAlchemy(model_class=OwnModel, query_class=OwnQuery)

    class User(OwnModel):
        id = db.Column(db.Integer, primary_key=True)

    class Event(OwnModel):
        id = db.Column(db.Integer, primary_key=True)
        hidden = db.Column(db.Boolean)
        owner_id = db.Column(db.ForeignKey("user.id"))
        owner = db.relationship("User")

    class Room(Plain):
        id = db.Column(db.Integer, primary_key=True)
        owner_id = db.Column(db.ForeignKey("user.id"))
        owner = db.relationship("User")
"""


def test_a_query_of_a_class_of_the_project() -> None:
    pages = """
        from sqlalchemy.orm import joinedload
        from app import Event, Room

        def show():
            for event in Event.query.filter_by(hidden=True).order_by(Event.id):
                print(event.owner.name)
            for event in Event.query.visible().all():
                print(event.owner.name)
            for room in Room.query.order_by(Room.id).all():
                print(room.owner.name)

        def loaded():
            for event in Event.query.visible().options(joinedload(Event.owner)).all():
                print(event.owner.name)
            for event in Event.query.with_owner().all():
                print(event.owner.name)
            for room in Room.query.options(joinedload(Room.owner)).all():
                print(room.owner.name)
        """
    often = "asks for owner of Event once per distinct owner of"
    assert told({"app.py": FLASK, "pages.py": pages}) == [
        (7, f"`event.owner` {often} `Event.query.filter_by().order_by()`"),
        (9, f"`event.owner` {often} `Event.query.visible().all()`"),
        (11, "`room.owner` asks for owner of Room once per distinct owner of `Room.query.order_by().all()`"),
    ]


def test_the_one_row_that_all_rows_of_a_query_refer_to() -> None:
    pages = """
        from app import Event, User, db

        class Seat(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            event_id = db.Column(db.ForeignKey("event.id"))
            event = db.relationship(Event)
            user_id = db.Column(db.ForeignKey("user.id"))
            user = db.relationship(User)

        def of_one(event: Event):
            return [(seat.event.hidden, seat.user.id) for seat in Seat.query.with_parent(event).order_by(Seat.id)]

        def of_either(row):
            return [(seat.event.hidden, seat.user.id) for seat in Seat.query.with_parent(row).order_by(Seat.id)]

        def of_some(events):
            seats = Seat.query.filter(Seat.event_id.in_(event.id for event in events)).order_by(Seat.id)
            return [seat.event.hidden for seat in seats]

        def of_ids(keys):
            return [seat.event.hidden for seat in Seat.query.filter(Seat.event_id.in_(keys)).order_by(Seat.id)]
        """
    assert told({"app.py": FLASK, "pages.py": pages}) == [
        (12, "`seat.user` asks for user of Seat once per distinct user of `Seat.query.with_parent().order_by()`"),
        (22, "`seat.event` asks for event of Seat once per distinct event of `Seat.query.filter().order_by()`"),
    ]


def test_a_base_without_a_column_has_no_table() -> None:
    project = linked({"app.py": FLASK})
    (query,) = only(project).queries
    assert (query.table, list(project.declared)) == ("OwnModel", ["user", "event", "room"])


COMPUTED = """
    import re
    from sqlalchemy import Column, ForeignKey, Integer, String
    from sqlalchemy.orm import DeclarativeBase, Session, declared_attr, joinedload, relationship

    def spelled(name):
        return "_".join(word.lower() for word in re.split("(?=[A-Z])", name) if word)

    class Base(DeclarativeBase):
        @declared_attr.directive
        def __tablename__(cls):
            return spelled(cls.__name__)

    class NewsAuthor(Base):
        id = Column(Integer, primary_key=True)
        name = Column(String)

    class Office(Base):
        id = Column(Integer, primary_key=True)
        head = relationship("Head", back_populates="office", uselist=False)

    class Head(Base):
        id = Column(Integer, primary_key=True)
        name = Column(String)
        office_id = Column(Integer, ForeignKey(Office.id))
        office = relationship("Office", back_populates="head")

    class Report(Base):
        id = Column(Integer, primary_key=True)
        author_id = Column(Integer, ForeignKey("news_author.id"))
        author = relationship("NewsAuthor")
        lines = relationship("ReportLine", back_populates="report")
        others = relationship("Head", primaryjoin="foreign(Head.id) == Report.id")

    class ReportLine(Base):
        id = Column(Integer, primary_key=True)
        report_id = Column(Integer, ForeignKey(Report.id))
        report = relationship("Report", back_populates="lines")

    def pages(session: Session):
        for report in session.query(Report).all():
            print(report.author.name)
        for report in session.query(Report).all():
            print([line.id for line in report.lines])

    def back(session: Session):
        for line in session.query(ReportLine).all():
            print(line.report.author_id)
        for office in session.query(Office).all():
            print(office.head.name)

    def loaded(session: Session):
        for report in session.query(Report).options(joinedload(Report.author), joinedload(Report.lines)).all():
            print(report.author.name, [line.id for line in report.lines])
        for report in session.query(Report).all():
            print(report.others)
"""


def test_tables_whose_names_a_function_computes() -> None:
    assert told({"app.py": COMPUTED}) == [
        (42, "`report.author` asks for author of Report once per distinct author of `session.query().all()`"),
        (44, "`report.lines` asks for lines of Report once per element of `session.query().all()`"),
        (48, "`line.report` asks for report of ReportLine once per distinct report of `session.query().all()`"),
        (50, "`office.head` asks for head of Office once per element of `session.query().all()`"),
    ]
    # Of the others no foreign key says the name.
    assert list(linked({"app.py": COMPUTED}).declared) == ["news_author"]


GATHERED = """
    from collections import defaultdict
    from sqlalchemy import ForeignKey
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship

    class Base(DeclarativeBase):
        pass

    class Author(Base):
        __tablename__ = "author"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Report(Base):
        __tablename__ = "report"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
        author: Mapped[Author] = relationship(foreign_keys=[author_id])
        reader_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
        reader: Mapped[Author] = relationship(foreign_keys=[reader_id])

    def grouped(rows):
        groups = defaultdict(lambda: [])
        for row in rows:
            groups[row.reader.name].append(row)
        return groups

    def send(name, reports: list[Report]):
        for report in reports:
            print(report.author.name, report.reader.name)

    def daily(session: Session):
        for name, reports in grouped(session.query(Report).all()).items():
            send(name, reports)

    def listed(session: Session, least):
        found = []
        for report in session.query(Report).all():
            if report.id > least:
                found.append(report)
        return [report.author.name for report in found]

    def by_key(session: Session, keys):
        found = {}
        for report in session.query(Report).all():
            found.setdefault(report.id, []).append(report)
        for key in keys:
            for report in found[key]:
                print(report.author.name)

    def loaded(session: Session):
        found = defaultdict(list)
        for report in session.query(Report).options(joinedload(Report.author)).all():
            found[report.id].append(report)
        for reports in found.values():
            for report in reports:
                print(report.author.name)

    def of_others(session: Session, more):
        found, mixed = [], {}
        for report in session.query(Report).all():
            found.append(report)
            mixed.setdefault(report.id, []).append(report)
        found.append(more)
        mixed.update(more)
        for report in found:
            print(report.author.name)
        for report in mixed[3]:
            print(report.author.name)
"""


def test_rows_that_were_put_into_lists() -> None:
    author = "`report.author` asks for author of Report once per distinct author of"
    assert told({"app.py": GATHERED}) == [
        (25, "`row.reader` asks for reader of Report once per distinct reader of `rows`"),
        (30, f"{author} `reports`"),  # its reader was read when it was put there
        (41, f"{author} `found`"),
        (49, f"{author} `found[key]`"),
    ]


PROXIES = """
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship

    class Base(DeclarativeBase):
        pass

    class Parent(Base):
        __tablename__ = "parent"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Link(Base):
        __tablename__ = "link"
        id: Mapped[int] = mapped_column(primary_key=True)
        parent_id: Mapped[int] = mapped_column(ForeignKey("parent.id"))
        parent: Mapped[Parent] = relationship()
        label: Mapped[str]

    class Watcher(Base):
        __tablename__ = "watcher"
        id: Mapped[int] = mapped_column(primary_key=True)
        link_id: Mapped[int] = mapped_column(ForeignKey("link.id"))
        link: Mapped[Link] = relationship()
        parent: AssociationProxy = association_proxy("link", "parent")
        label: AssociationProxy[str] = association_proxy("link", "label")
        _mails: Mapped[list["Mail"]] = relationship()
        mails = association_proxy("_mails", "address")

    class Mail(Base):
        __tablename__ = "mail"
        id: Mapped[int] = mapped_column(primary_key=True)
        watcher_id: Mapped[int] = mapped_column(ForeignKey("watcher.id"))
        address: Mapped[str]

    def parents(session: Session):
        for watcher in session.scalars(select(Watcher)):
            print(watcher.parent.name)

    def labels(session: Session):
        for watcher in session.scalars(select(Watcher)):
            print(watcher.label)

    def mails(session: Session):
        for watcher in session.scalars(select(Watcher)):
            print(list(watcher.mails))

    def loaded(session: Session):
        for watcher in session.scalars(select(Watcher).options(joinedload(Watcher.link), joinedload(Watcher._mails))):
            print(watcher.label, list(watcher.mails))

    def half(session: Session):
        for watcher in session.scalars(select(Watcher).options(joinedload(Watcher.link))):
            print(watcher.parent.name)
    """


def test_attributes_that_stand_for_those_of_a_relation() -> None:
    assert told({"app.py": PROXIES}) == [
        (
            39,
            "`watcher.parent` asks for link and link.parent of Watcher once per distinct parent of `session.scalars()`",
        ),
        (43, "`watcher.label` asks for link of Watcher once per distinct link of `session.scalars()`"),
        (47, "`watcher.mails` asks for _mails of Watcher once per element of `session.scalars()`"),
        (55, "`watcher.parent` asks for link.parent of Watcher once per distinct parent of `session.scalars()`"),
    ]
