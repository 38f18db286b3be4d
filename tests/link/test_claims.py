"""What only the first of two comes through before it inserts, and checks that refuse whoever comes second."""

from __future__ import annotations

from dblint.facts.project import Project
from dblint.facts.races import Ensured
from tests.link.linked import linked

SCHEMA = """
datasource db {
  provider = "postgresql"
  url = env("DATABASE_URL")
}
generator client {
  provider = "prisma-client-js"
}
model Job {
  id String @id
  status String
  owner String
}
model Task {
  id String @id
  jobId String
}
model Domain {
  id Int @id @default(autoincrement())
  name String @unique
}
"""

SCRIPT = """
import { PrismaClient } from '@prisma/client';
import { register, note } from 'mail-service';

const prisma = new PrismaClient();
const Status = { PENDING: 'pending', RUNNING: 'running' };

class Runner {
  private io(jobId: string) {
    return {
      first: async (key: string) => {
        const task = await prisma.task.findFirst({ where: { id: `${key}-${jobId}` } });
        if (!task) await prisma.task.create({ data: { id: `${key}-${jobId}`, jobId } });
      },
    };
  }
  async run(jobId: string, handler: (io: object) => Promise<void>) {
    const job = await prisma.job
      .update({ where: { id: jobId, status: Status.PENDING }, data: { status: Status.RUNNING } })
      .catch(() => null);
    if (!job) return;
    await handler(this.io(jobId));
  }
}

export async function unasked(jobId: string) {
  await prisma.job
    .update({ where: { id: jobId, status: Status.PENDING }, data: { status: Status.RUNNING } })
    .catch(() => null);
  const second = await prisma.task.findFirst({ where: { id: jobId } });
  if (!second) await prisma.task.create({ data: { id: jobId, jobId } });
}

export async function ofAnother(jobId: string, other: string) {
  const job = await prisma.job
    .update({ where: { id: other, status: Status.PENDING }, data: { status: Status.RUNNING } });
  if (!job) return;
  const third = await prisma.task.findFirst({ where: { id: jobId } });
  if (!third) await prisma.task.create({ data: { id: jobId, jobId } });
}

export async function noState(jobId: string) {
  const job = await prisma.job.update({ where: { id: jobId }, data: { status: Status.RUNNING } });
  if (!job) return;
  const fourth = await prisma.task.findFirst({ where: { id: jobId } });
  if (!fourth) await prisma.task.create({ data: { id: jobId, jobId } });
}

export async function registered(name: string) {
  const fifth = await prisma.domain.findUnique({ where: { name } });
  if (fifth) {
    throw new Error('taken');
  }
  await register(name, 'key').catch((error) => {
    if (error.name === 'AlreadyExistsException') throw new Error('taken');
    throw error;
  });
  await prisma.domain.create({ data: { name } });
}

export async function noted(name: string) {
  const sixth = await prisma.domain.findUnique({ where: { name } });
  if (sixth) return null;
  await note(name).catch((error) => {
    if (error.name === 'AlreadyExistsException') console.log(name);
  });
  await register('another').catch((error) => {
    if (error.name === 'AlreadyExistsException') throw new Error('taken');
  });
  return prisma.domain.create({ data: { name } });
}
"""

PYTHON = """
from django.db import models
from mail_service import AddressExists, register


class Job(models.Model):
    state = models.CharField(max_length=10)


class Result(models.Model):
    job = models.ForeignKey(Job, on_delete=models.CASCADE)


class Address(models.Model):
    name = models.CharField(max_length=50, unique=True)


def claimed(number):
    changed = Job.objects.filter(pk=number, state="waiting").update(state="running")
    if not changed:
        return
    if not Result.objects.filter(job_id=number).exists():
        Result.objects.create(job_id=number)


def unchanged(number):
    changed = Job.objects.filter(pk=number, state="waiting").update(state="waiting")
    if not changed:
        return
    if not Result.objects.filter(job_id=number).exists():
        Result.objects.create(job_id=number)


def registered(name):
    if Address.objects.filter(name=name).exists():
        raise ValueError(name)
    try:
        register(name=name)
    except AddressExists:
        raise ValueError(name) from None
    Address.objects.create(name=name)


def refused(name):
    if not Address.objects.filter(name=name).exists():
        Address.objects.create(name=name)
    else:
        raise ValueError(name)
"""


def told(project: Project) -> list[tuple[str, str]]:
    """Function → what is said of its inserts, in the order of places."""

    def flags(fact: Ensured) -> str:
        return " ".join(word for word in ("claimed", "refused") if getattr(fact, word))

    return [(fact.function.partition("::")[2].rpartition(".")[2], flags(fact)) for fact in project.ensured]


def test_scripts() -> None:
    assert told(linked({"schema.prisma": SCHEMA, "app.ts": SCRIPT})) == [
        ("first", "claimed"),
        ("unasked", ""),
        ("ofAnother", ""),
        ("noState", ""),
        ("registered", "claimed refused"),
        ("noted", ""),
    ]


def test_python() -> None:
    assert told(linked({"shop/models.py": PYTHON})) == [
        ("claimed", "claimed"),
        ("unchanged", ""),
        ("registered", "claimed refused"),
        ("refused", "refused"),
    ]
