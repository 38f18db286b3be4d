"""Sequelize's models as tables. What is expected of `SHOP` is what Sequelize 6.37 makes of it on PostgreSQL
(`queryGenerator.attributesToSQL`, `Model._indexes`, `Model.associations`)."""

from __future__ import annotations

from dblint.facts.schema import Change, Direction
from dblint.link.inflection import plural, singular
from tests.link.linked import answer, asked, linked
from tests.link.test_catalogue_django import columns, indexes, keys, relations

SHOP = """
    const { Sequelize, DataTypes, Model } = require('sequelize');
    const sequelize = new Sequelize('postgres://x@localhost/x', { dialect: 'postgres' });

    const Person = sequelize.define('Person', {
      uid: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
      email: { type: DataTypes.STRING(120), allowNull: false, unique: true },
      first: { type: DataTypes.STRING, unique: 'whole' },
      last: { type: DataTypes.STRING, unique: 'whole' },
      weight: DataTypes.DECIMAL(6, 2),
      size: { type: DataTypes.FLOAT, defaultValue: 1.5 },
      mood: { type: DataTypes.ENUM('good', 'bad'), defaultValue: 'good' },
      tags: DataTypes.ARRAY(DataTypes.STRING),
      whole: { type: DataTypes.VIRTUAL, get() { return 1; } },
    }, {
      underscored: true,
      paranoid: true,
      indexes: [{ fields: ['first', 'last'], unique: true, name: 'person_names' }, { fields: ['weight'] }],
    });

    class OrderItem extends Model {}
    OrderItem.init(
      { amount: { type: DataTypes.INTEGER, allowNull: false, field: 'amount_of' }, note: DataTypes.TEXT },
      { sequelize, timestamps: false }
    );

    const Category = sequelize.define('category', { name: DataTypes.CHAR(3) }, { createdAt: 'made', updatedAt: false });
    const Status = sequelize.define(
      'Status', { code: { type: DataTypes.SMALLINT, primaryKey: true } }, { freezeTableName: true }
    );
    const Link = sequelize.define('Link', { weight: DataTypes.BIGINT });
    const Own = sequelize.define(
      'Own',
      { personUid: { type: DataTypes.UUID, allowNull: false, references: { model: 'people', key: 'uid' } } },
      { tableName: 'own_things' }
    );

    Person.hasMany(OrderItem);
    OrderItem.belongsTo(Category, { foreignKey: { name: 'kindId', allowNull: false } });
    Category.belongsTo(Category, { as: 'parent' });
    Person.hasOne(Status, { as: 'state', foreignKey: 'holder', onDelete: 'CASCADE' });
    Person.belongsToMany(Category, { through: 'person_categories', as: 'interests' });
    Category.belongsToMany(Person, { through: 'person_categories' });
    Category.belongsToMany(Status, { through: Link });
    Status.belongsToMany(Category, { through: Link });
    """


def test_columns() -> None:
    project = linked({"shop.js": SHOP})
    person = project.table("people")
    assert columns(person) == [
        ("uid", "uuid", False),
        ("email", "varchar(120)", False),
        ("first", "varchar(255)", True),
        ("last", "varchar(255)", True),
        ("weight", "decimal(6,2)", True),
        ("size", "float", True),
        ("mood", "enum", True),
        ("tags", "varchar(255)[]", True),
        ("created_at", "timestamptz", False),
        ("updated_at", "timestamptz", False),
        ("deleted_at", "timestamptz", True),
    ]
    assert keys(person) == [("primary", "uid"), ("unique", "email"), ("unique", "first", "last")]
    assert person is not None
    assert [index.name for index in person.indexes] == ["person_names", "people_weight"]
    assert {each.attribute: (each.default, each.default_by) for each in person.columns if each.default_by} == {
        "uid": ("", "client"),
        "size": ("1.5", "database"),
        "mood": ("'good'", "database"),
        "createdAt": ("", "client"),
        "updatedAt": ("", "client"),
    }
    assert next(each for each in person.columns if each.name == "mood").enum == ("good", "bad")
    assert columns(project.table("categories")) == [
        ("id", "integer", False),
        ("name", "char(3)", True),
        ("made", "timestamptz", False),
        ("parentId", "integer", True),
    ]
    assert all(table.complete for table in project.tables.values())


def test_keys_that_relations_make() -> None:
    project = linked({"shop.js": SHOP})
    assert keys(project.table("OrderItems")) == [
        ("primary", "id"),
        ("foreign", "kindId", "categories", "id", "no action"),
        ("foreign", "PersonUid", "people", "uid", "set null"),
    ]
    assert keys(project.table("Status")) == [("primary", "code"), ("foreign", "holder", "people", "uid", "cascade")]
    assert keys(project.table("Links")) == [
        ("primary", "categoryId", "StatusCode"),
        ("foreign", "categoryId", "categories", "id", "cascade"),
        ("foreign", "StatusCode", "Status", "code", "cascade"),
    ]
    assert keys(project.table("own_things")) == [("primary", "id"), ("foreign", "personUid", "people", "uid", "")]
    assert columns(project.table("person_categories")) == [
        ("person_uid", "uuid", False),
        ("category_id", "integer", False),
        ("created_at", "timestamptz", False),
        ("updated_at", "timestamptz", False),
    ]


def test_relations() -> None:
    project = linked({"shop.js": SHOP})
    assert relations(project.table("people")) == [
        ("state", "to-one", "Status", ""),
        ("OrderItems", "to-many", "OrderItems", ""),
        ("interests", "many-to-many", "categories", ""),
    ]
    assert relations(project.table("categories")) == [
        ("parent", "to-one", "categories", ""),
        ("People", "many-to-many", "people", ""),
        ("Statuses", "many-to-many", "Status", ""),
    ]


def test_decorators() -> None:
    project = linked(
        {
            "shop.ts": """
            import {
              AllowNull, AutoIncrement, BelongsTo, BelongsToMany, Column, DataType, Default, ForeignKey, HasMany, Index,
              Model, PrimaryKey, Table, Unique,
            } from 'sequelize-typescript';

            class Base extends Model {
              @PrimaryKey @AutoIncrement @Column(DataType.BIGINT) id: number;
            }

            @Table({ tableName: 'shops', timestamps: false })
            export class Shop extends Base {
              @Unique @AllowNull(false) @Column name: string;
              @Default(true) @Column open: boolean;
              @HasMany(() => Till) tills: Till[];
              @BelongsToMany(() => Till, () => Watch) watched: Till[];
            }

            @Table
            export class Till extends Base {
              @Index @Column since: Date;
              @ForeignKey(() => Shop) @Column(DataType.BIGINT) shopId: number;
              @BelongsTo(() => Shop, { onDelete: 'CASCADE' }) shop: Shop;
            }

            @Table({ underscored: true, timestamps: false })
            export class Watch extends Model {
              @ForeignKey(() => Shop) @Column(DataType.BIGINT) shopId: number;
              @ForeignKey(() => Till) @Column(DataType.BIGINT) tillId: number;
            }
            """
        },
        dialect="postgres",
    )
    assert columns(project.table("shops")) == [
        ("id", "bigint", False),
        ("name", "varchar(255)", False),
        ("open", "boolean", True),
    ]
    assert keys(project.table("shops")) == [("primary", "id"), ("unique", "name")]
    assert indexes(project.table("Tills")) == ["(since)"]
    assert keys(project.table("Tills")) == [("primary", "id"), ("foreign", "shopId", "shops", "id", "cascade")]
    assert keys(project.table("watches")) == [
        ("primary", "shop_id", "till_id"),
        ("foreign", "shop_id", "shops", "id", "cascade"),
        ("foreign", "till_id", "Tills", "id", "cascade"),
    ]
    assert relations(project.table("shops"))[0] == ("tills", "to-many", "Tills", "")


FOLDER = {
    "models/index.js": """
        const fs = require('fs');
        const path = require('path');
        const Sequelize = require('sequelize');

        const db = {};
        const sequelize = new Sequelize(process.env.DATABASE_URL, { define: { underscored: true, timestamps: false } });
        fs.readdirSync(__dirname).forEach((file) => {
          const model = require(path.join(__dirname, file))(sequelize, Sequelize.DataTypes);
          db[model.name] = model;
        });
        db.sequelize = sequelize;
        module.exports = db;
        """,
    "models/user.js": """
        const { Model } = require('sequelize');
        module.exports = (sequelize, DataTypes) => {
          class User extends Model {
            static associate(models) {
              this.hasMany(models.Post, { foreignKey: 'authorId', as: 'posts' });
            }
          }
          User.init({ firstName: DataTypes.STRING }, { sequelize, modelName: 'User' });
          return User;
        };
        """,
    "models/post.js": """
        module.exports = function (sequelize, DataTypes) {
          const Post = sequelize.define('Post', { likes: DataTypes.INTEGER });
          Post.popular = function (limit) {
            return this.findAll({ order: [['likes', 'DESC']], limit });
          };
          Post.prototype.like = function () {
            return this.increment('likes');
          };
          return Post;
        };
        """,
}


def test_models_that_are_loaded_from_a_folder() -> None:
    project = linked(
        {
            **FOLDER,
            "app.js": """
            const { User } = require('./models');
            const db = require('./models');

            async function all(id) {
              const user = await User.findByPk(id);
              await user.getPosts();
              await user.createPost({ likes: 0 });
              await db.Post.scope('new').popular(3);
              const post = await db.sequelize.models.Post.findOne();
              await post.like();
              await db.sequelize.query('SELECT id FROM posts WHERE id = 1');
              await user.getPostcards();
            }
            """,
        }
    )
    assert columns(project.table("posts")) == [
        ("id", "integer", False),
        ("likes", "integer", True),
        ("author_id", "integer", True),
    ]
    assert [each[0] for each in columns(project.table("users"))] == ["id", "first_name"]
    assert [(member, verb, table) for member, _, verb, table in asked(project) if member != "popular"] == [
        ("findByPk", "select", "users"),
        ("getPosts", "select", "posts"),
        ("createPost", "insert", "posts"),
        ("findOne", "select", "posts"),
        ("query", "select", "posts"),
        ("findAll", "select", "posts"),
        ("increment", "update", "posts"),
    ]


def test_the_class_and_its_rows_have_members_of_the_same_name() -> None:
    project = linked(
        {
            "jars.ts": """
            import { DataTypes, Model, ModelStatic, Sequelize } from 'sequelize';

            const sequelize = new Sequelize('sqlite::memory:');

            export class Jar extends Model {
              declare scope: string;
              static heavy() {
                return this.update({ heavy: true }, { where: { weight: 9 } });
              }
              static light = function (this: typeof Jar) {
                return this.destroy({ where: { weight: 1 } });
              };
              empty() {
                return this.update({ weight: 0 });
              }
              others() {
                return (this.constructor as typeof Jar).findAll({ where: { weight: 2 } });
              }
            }
            Jar.init({ weight: DataTypes.INTEGER }, { sequelize, tableName: 'jar' });

            export async function run(jars: ModelStatic<Jar>, id: number) {
              const [jar, lid] = await Promise.all([jars.findByPk(id, { lock: true }), Jar.scope('big').findOne()]);
              await jar.destroy();
              await lid.reload({ lock: false });
            }
            """
        }
    )
    queries = [query for call in project.calls for query in call.queries]
    assert [(str(query.verb), query.rows, query.where.surely(), bool(query.locks.elements)) for query in queries] == [
        ("update", "", True, False),
        ("delete", "", True, False),
        ("update", "one", True, False),
        ("select", "", True, False),
        ("select", "", True, True),
        ("select", "", False, False),
        ("delete", "one", True, False),
        ("select", "", True, False),
    ]


def test_what_is_included() -> None:
    project = linked(
        {
            "shop.js": SHOP,
            "use.js": SHOP.split("Person.hasMany")[0]
            + """
            Person.hasMany(OrderItem, { as: 'items' });
            OrderItem.belongsTo(Category);
            const more = [{ association: 'category' }];
            Person.findAll({ include: ['items', { model: OrderItem, as: 'items', include: more, separate: true }] });
            OrderItem.findAll({ include: Category });
            OrderItem.findAll({ include: [{ model: Category, required: false }, ...more] });
            """,
        }
    )
    loaded = [
        (sorted({(".".join(each.value.path), each.value.strategy) for each in query.eager.elements}), query.eager.open)
        for call in project.calls
        for query in call.queries
    ]
    assert loaded == [
        ([("items", "joined"), ("items", "separate"), ("items.category", "joined")], False),
        ([("category", "joined")], False),
        ([("category", "joined")], True),
    ]


def test_what_every_query_of_a_model_begins_with() -> None:
    project = linked(
        {
            "books.ts": """
            import { Column, DefaultScope, Model, Scopes, Table } from 'sequelize-typescript';
            import { DataTypes, Sequelize } from 'sequelize';

            const sequelize = new Sequelize('sqlite::memory:');
            const scope = { where: { gone: false }, order: [['number', 'ASC']] };
            const Book = sequelize.define('Book', { gone: DataTypes.BOOLEAN }, { defaultScope: scope });

            @DefaultScope(() => ({ where: { open: true }, include: ['author'] }))
            @Scopes(() => ({ big: { where: { pages: 3 } } }))
            @Table
            class Novel extends Model {}

            Book.findAll();
            Book.unscoped().findAll();
            Novel.findAll();
            Novel.scope('big').findAll();
            Novel.create({});
            """
        }
    )
    assert [
        (answer(query.where), answer(query.order), answer(query.eager))
        for call in project.calls
        for query in call.queries
    ] == [
        ("yes", "yes", "no"),
        ("no", "no", "no"),
        ("yes", "no", "yes"),
        ("cannot say", "cannot say", "no"),
        ("no", "no", "no"),
    ]


def test_migrations() -> None:
    project = linked(
        {
            "models.js": "const { Sequelize } = require('sequelize'); new Sequelize('postgres://x@h/d');",
            "migrations/20240101-jar.js": """
            module.exports = {
              up: async (queryInterface, Sequelize) => {
                await queryInterface.createTable('jars', {
                  id: { type: Sequelize.INTEGER, primaryKey: true, autoIncrement: true },
                  shelfId: {
                    type: Sequelize.UUID, field: 'shelf_id', references: { model: 'shelves' }, allowNull: false,
                  },
                  label: Sequelize.STRING(20),
                });
                await queryInterface.addConstraint('jars', { type: 'unique', fields: ['label'], name: 'one_label' });
              },
              down: (queryInterface) => queryInterface.dropTable('jars'),
            };
            """,
            "migrations/20240102-more.ts": """
            export const up = async ({ context: queryInterface }) => {
              await queryInterface.sequelize.transaction(async (transaction) => {
                await queryInterface.addColumn('jars', 'weight', { type: 'INTEGER' }, { transaction });
                const text = { type: 'TEXT', allowNull: false };
                await queryInterface.changeColumn('jars', 'label', text, { transaction });
              });
              const fields = ['weight', { name: 'label', order: 'DESC' }];
              await queryInterface.addIndex('jars', fields, { concurrently: true });
              await queryInterface.sequelize.query('DROP INDEX old_one');
            };
            export const down = async ({ context: queryInterface }) => {
              await queryInterface.removeIndex('jars', ['weight', 'label']);
              await queryInterface.removeConstraint('jars', 'one_label');
            };
            """,
            "migrations/20240103-other.js": "exports.up = (pgm) => { pgm.createTable('a', {}); pgm.noTransaction(); };",
        }
    )
    assert [(each.path, each.runner, each.transactional) for each in project.migrations] == [
        ("migrations/20240101-jar.js", "sequelize", False),
        ("migrations/20240102-more.ts", "sequelize", False),
    ]
    steps = [step for each in project.migrations for step in each.steps]
    assert [(step.direction, step.operation.change, step.operation.name, step.loop) for step in steps] == [
        (Direction.UP, Change.CREATE_TABLE, "", False),
        (Direction.UP, Change.ADD_KEY, "one_label", False),
        (Direction.DOWN, Change.DROP_TABLE, "jars", False),
        (Direction.UP, Change.BEGIN, "", False),
        (Direction.UP, Change.ADD_COLUMN, "weight", False),
        (Direction.UP, Change.ALTER_TYPE, "label", False),
        (Direction.UP, Change.SET_NOT_NULL, "label", False),
        (Direction.UP, Change.COMMIT, "", False),
        (Direction.UP, Change.CREATE_INDEX, "jars_weight_label", False),
        (Direction.UP, Change.DROP_INDEX, "old_one", False),
        (Direction.DOWN, Change.DROP_INDEX, "jars_weight_label", False),
        (Direction.DOWN, Change.DROP_KEY, "one_label", False),
    ]
    jars = project.table("jars")
    assert columns(jars) == [
        ("id", "integer", False),
        ("shelf_id", "uuid", False),
        ("label", "text", False),
        ("weight", "integer", True),
    ]
    assert keys(jars) == [("primary", "id"), ("foreign", "shelf_id", "shelves", "id", ""), ("unique", "label")]
    assert next(step.operation.concurrent for step in steps if step.operation.change is Change.CREATE_INDEX)


def test_plurals_and_singulars() -> None:
    """As the package inflection 1.13 gives them."""
    pairs = {
        "User": "Users", "Person": "People", "category": "categories", "Status": "Statuses", "Box": "Boxes",
        "Address": "Addresses", "day": "days", "leaf": "leafs", "Mouse": "Mice",
        "OrderItem": "OrderItems", "criterion": "criteria", "database": "databases", "news": "news", "man": "men",
    }  # fmt: skip
    assert {one: plural(one) for one in pairs} == pairs
    assert {many: singular(many) for many in pairs.values()} == {many: one for one, many in pairs.items()}
    assert [plural(each) for each in ("Users", "People", "data", "Data")] == ["Users", "People", "data", "Data"]


def test_models_under_names_of_their_own() -> None:
    project = linked(
        {
            "jar.js": """
            const { DataTypes, Model } = require('sequelize');
            class Jar extends Model {
              static init(sequelize) {
                super.init({ lid: DataTypes.STRING }, { sequelize, modelName: 'jar' });
              }
              static open() {
                return this.sequelize.models.jar.findAll({ where: { lid: 'off' } });
              }
            }
            module.exports = Jar;
            """,
            "base.js": """
            const { Sequelize } = require('sequelize');
            class Base {
              constructor() { this.sequelize = null; }
              get models() { return this.sequelize?.models || {}; }
              get jars() { return this.models.jar; }
              start() {
                this.sequelize = new Sequelize({ dialect: 'sqlite' });
                require('./jar').init(this.sequelize);
              }
            }
            module.exports = new Base();
            """,
            "use.js": """
            const base = require('./base');
            base.jars.count();
            base.jars.open();
            """,
        }
    )
    assert sorted((call.place.path, call.source, call.queries[0].table) for call in project.calls) == [
        ("jar.js", "this.sequelize.models.jar.findAll()", "jars"),
        ("use.js", "base.jars.count()", "jars"),
    ]
