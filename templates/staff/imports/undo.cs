<?cs include:"macros.cs" ?><?cs set:Title = "撤回导入 " + Import.Id ?><?cs def:content() ?><p class="back"><a href="/staff/imports/<?cs var:Import.Id ?>">返回这次导入</a></p>
<?cs call:error_summary() ?><?cs if:May.Undo ?><h1>确认撤回这次导入吗？</h1>
<p class="lead">将撤回<?cs var:Import.Kind ?>文件“<?cs var:Import.File ?>”的导入：删除新增的 <b><?cs var:Import.Added ?></b> 行，恢复更改过的 <b><?cs var:Import.Changed ?></b> 行。</p>
<p class="note">这些数据已经被使用的（例如考核成绩已经用于办理证书），系统不会撤回，并列出是哪些。</p>
<form method="post" action="/staff/imports/<?cs var:Import.Id ?>/undo"><?cs call:form_hidden() ?><div class="facts stack"><label for="f-reason">撤回原因<?cs call:wrong("reason") ?></label><input id="f-reason" name="reason" value="<?cs var:Field.reason ?>" maxlength="300" autocomplete="off" required></div>
<div class="actions"><button class="button">确认撤回</button><a class="button plain" href="/staff/imports/<?cs var:Import.Id ?>">返回</a></div></form>
<?cs else ?><h1>撤回导入</h1><p class="note bad"><?cs if:May.Why ?><?cs var:May.Why ?><?cs else ?>这次导入目前不能撤回。<?cs /if ?></p>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
