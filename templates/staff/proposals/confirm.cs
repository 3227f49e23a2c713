<?cs include:"macros.cs" ?><?cs set:Title = "确认决定" ?><?cs def:content() ?><div class="interrupt"><h1><?cs if:Approve ?>确认要<?cs var:Proposal.Kind ?>吗？<?cs else ?>确认不同意该提请吗？<?cs /if ?></h1>
<?cs if:Approve ?><p>将对<?cs if:!Proposal.Spread ?>以下<?cs /if ?> <b><?cs var:Proposal.Count ?></b> 本证书作出<?cs var:Proposal.Kind ?>决定<?cs if:!Proposal.Spread ?>，立即生效<?cs /if ?>。<strong>作出之后不能撤回。</strong></p>
<?cs if:Proposal.Spread ?><p>清单见<a href="/staff/proposals/<?cs var:Proposal.Number ?>">事项页</a>。决定在后台逐批执行，每本证书执行时生效。</p>
<?cs /if ?><?cs if:!Proposal.Spread ?><ul><?cs each:row = Proposal.Certificates ?><li><?cs var:row.Class ?>证　<?cs var:row.Number ?>　<?cs var:row.Name ?><?cs /each ?></ul>
<?cs /if ?><p>依据：<?cs var:Proposal.Basis ?></p>
<?cs else ?><p>事项 <?cs var:Proposal.Number ?> 将以“未同意”办结，证书不变。</p>
<?cs /if ?><?cs if:Field.text ?><p>决定意见：<?cs var:Field.text ?></p>
<?cs /if ?><form method="post" action="/staff/proposals/<?cs var:Proposal.Number ?>/decide" class="actions"><?cs call:form_hidden() ?><input type="hidden" name="decision" value="<?cs if:Approve ?>approve<?cs else ?>refuse<?cs /if ?>"><input type="hidden" name="text" value="<?cs var:Field.text ?>"><input type="hidden" name="confirmed" value="1"><button class="button"><?cs if:Approve ?>确认<?cs var:Proposal.Kind ?><?cs else ?>确认不同意<?cs /if ?></button><a href="/staff/proposals/<?cs var:Proposal.Number ?>">返回</a></form></div>
<?cs /def ?><?cs include:"layout.cs" ?>
