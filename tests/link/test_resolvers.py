"""A field of an object that is handed out in lists is given once for each of them, unless something stands between."""

from __future__ import annotations

from dblint.facts.project import Project
from tests.link.linked import linked

SCHEMA_FIRST = """
    const { ApolloServer } = require('@apollo/server');
    const gql = require('graphql-tag');
    const { Pool } = require('pg');
    const pool = new Pool();
    const typeDefs = gql`
      type Author { id: ID! books: [Book!]! owner: Owner }
      type Owner { id: ID! pet: String }
      type Query { authors: [Author!]! owner: Owner }
    `;
    const Author = {
      books: async (author) => pool.query('SELECT id FROM book WHERE author_id = $1', [author.id]),
      async owner({ id }) { return pool.query('SELECT id FROM owner WHERE id = $1', [id]); },
      rates: async (author) => pool.query('SELECT id FROM rate'),
    };
    const resolvers = {
      Query: { authors: async (root, { page }) => pool.query('SELECT id FROM author OFFSET $1', [page]) },
      Author,
      Owner: { pet: async (owner) => pool.query('SELECT name FROM pet WHERE owner_id = $1', [owner.id]) },
    };
    module.exports = new ApolloServer({ typeDefs, resolvers: [resolvers] });
    """
CODE_FIRST = """
    import { Resolver, Query, ResolveField, Parent, ObjectType } from '@nestjs/graphql';
    import { Entity, PrimaryGeneratedColumn, Column, Repository, In } from 'typeorm';
    import { InjectRepository } from '@nestjs/typeorm';
    import DataLoader from 'dataloader';

    @ObjectType() @Entity('author')
    export class Author { @PrimaryGeneratedColumn() id: number; }
    @ObjectType() @Entity('book')
    export class Book { @PrimaryGeneratedColumn() id: number; @Column() authorId: number; }
    @ObjectType() @Entity('setting')
    export class Setting { @PrimaryGeneratedColumn() id: number; }

    export class Books {
      constructor(@InjectRepository(Book) private readonly books: Repository<Book>) {}
      of(authorId: number) { return this.books.find({ where: { authorId } }); }
    }

    @Resolver((of) => Author)
    export class AuthorResolver {
      constructor(
        private readonly service: Books,
        @InjectRepository(Author) private readonly authors: Repository<Author>,
        @InjectRepository(Book) private readonly books: Repository<Book>,
        private readonly loader: DataLoader<number, Book[]>,
      ) {}
      @Query(() => [Author]) all() { return this.authors.find({ take: 10 }); }
      @ResolveField(() => [Book])
      direct(@Parent() author: Author) { return this.books.findBy({ authorId: author.id }); }
      @ResolveField('through', () => [Book])
      through(@Parent() author: Author) { const { id } = author; return this.service.of(id); }
      @ResolveField()
      loaded(@Parent() author: Author) { return this.loader.load(author.id); }
    }
    @Resolver(Setting)
    export class SettingResolver {
      constructor(@InjectRepository(Book) private readonly books: Repository<Book>) {}
      @ResolveField()
      once(@Parent() setting: Setting) { return this.books.findOneBy({ authorId: setting.id }); }
    }
    export const loader = (books: Repository<Book>) => new DataLoader<number, Book[]>(async (ids) => {
      return books.findBy({ authorId: In(ids as number[]) });
    });
    """


def loops(project: Project) -> list[tuple[str, str, bool]]:
    """(call, what it is run for each of, whether the element decides what is asked) of all calls and invocations."""
    asked = [(call.place, call.source, call.frames) for call in project.calls]
    asked += [(call.place, call.source, call.frames) for call in project.invocations]
    return [
        (source, frame.source, frame.dependent)
        for _, source, frames in sorted(asked)
        for frame in frames
        if frame.construct == "resolver" and frame.concurrent
    ]


def test_functions_in_an_object_by_type_and_field() -> None:
    assert loops(linked({"server.js": SCHEMA_FIRST})) == [
        ("pool.query()", "[Author]", True),
        ("pool.query()", "[Author]", True),
        ("pool.query()", "[Author]", False),
    ]


def test_a_schema_without_lists_of_a_type_says_nothing_of_it() -> None:
    alone = SCHEMA_FIRST.replace("authors: [Author!]!", "author: Author")
    assert loops(linked({"server.js": alone})) == []


def test_methods_that_resolve_a_field() -> None:
    assert loops(linked({"author.ts": CODE_FIRST})) == [
        ("this.books.findBy()", "[Author]", True),
        ("this.service.of()", "[Author]", True),
    ]


def test_a_class_that_is_never_handed_out_in_a_list() -> None:
    assert loops(linked({"author.ts": CODE_FIRST.replace("@Query(() => [Author])", "@Query(() => Author)")})) == []
