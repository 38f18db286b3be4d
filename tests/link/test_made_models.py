"""Models that calls make: how they are named, typed and found again, and which members their schemas give them."""

from __future__ import annotations

from tests.link.linked import asked, linked

TYPED = {
    "model.ts": """
        import { HydratedDocument, Model, Schema, model } from 'mongoose';
        export interface IJar { label: string }
        interface Methods { lighter(): number }
        export interface JarModel extends Model<IJar, {}, Methods> { named(label: string): Promise<IJar[]> }
        export type JarDocument = HydratedDocument<IJar, Methods>;
        const schema = new Schema<IJar, JarModel, Methods>({ label: String }, {
          statics: { newest() { return this.findOne().sort('-_id'); } },
          methods: { twin() { return this.model('Jar').findOne({ label: this.label }); } },
        });
        schema.static('named', function (label) { return this.find({ label }); });
        schema.methods.lighter = function () { return this.save(); };
        export default model<IJar, JarModel>('Jar', schema);
    """,
    "use.ts": """
        import { Model } from 'mongoose';
        import Jar, { IJar, JarDocument, JarModel } from './model';
        export class Jars {
          constructor(private jars: Model<IJar>, private own: JarModel, private documents: Model<JarDocument>) {}
          async a() { await this.jars.countDocuments(); }
          async b() { await this.own.deleteMany({ a: 1 }); }
          async c() { await this.documents.exists({ a: 1 }); }
          async d(jar: JarDocument) { await jar.deleteOne(); }
        }
        export async function e() { const jar = await Jar.newest(); await jar.lighter(); }
    """,
}
LOOKED_UP = {
    "models.js": """
        const mongoose = require('mongoose');
        const schema = new mongoose.Schema({ label: String });
        mongoose.model('Jar', schema);
        mongoose.model('Lid', new mongoose.Schema({}, { collection: 'covers' }));
    """,
    "use.js": """
        const mongoose = require('mongoose');
        const Jar = mongoose.model('Jar');
        exports.jars = async () => { await Jar.find({ a: 1 }); };
        exports.lids = async () => { await mongoose.model('Lid').find({ a: 1 }); };
        exports.none = async () => { await mongoose.model('None').find({ a: 1 }); };
    """,
}
DECORATED = """
    import { InjectModel, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
    import { Document, Model } from 'mongoose';
    @Schema({ collection: 'pots' })
    export class Jar { @Prop({ unique: true }) label: string; @Prop() weight: number; }
    export const JarSchema = SchemaFactory.createForClass(Jar);
    JarSchema.index({ weight: -1 });
    export class Jars {
      constructor(
        @InjectModel('Jar') private jars: Model<Jar>,
        @InjectModel(Jar.name) private more: Model<Jar & Document>,
      ) {}
      async a(label: string) { const jar = await this.jars.findOne({ label }); jar.weight = 1; await jar.save(); }
      async b() { await this.more.deleteMany({ a: 1 }); }
    }
"""


def test_written_types_lead_to_the_model() -> None:
    assert [(verb, table) for _, _, verb, table in asked(linked(TYPED))] == [
        ("select", "jars"),
        ("select", "jars"),
        ("select", "jars"),
        ("upsert", "jars"),
        ("aggregate", "jars"),
        ("delete", "jars"),
        ("aggregate", "jars"),
        ("delete", "jars"),
    ]


def test_a_model_is_found_by_its_name() -> None:
    assert [(verb, table) for _, _, verb, table in asked(linked(LOOKED_UP))] == [
        ("select", "jars"),
        ("select", "covers"),
    ]


def test_decorated_classes_are_models() -> None:
    project = linked({"a.ts": DECORATED})
    assert [(verb, table) for _, _, verb, table in asked(project)] == [
        ("select", "pots"),
        ("upsert", "pots"),
        ("delete", "pots"),
    ]
    table = project.tables["pots"]
    assert [column.name for column in table.columns] == ["_id", "label", "weight", "__v"]
    assert [[column.name for column in index.columns] for index in table.indexes] == [["label"], ["weight"]]
