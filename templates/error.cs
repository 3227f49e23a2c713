<?cs include:"macros.cs" ?><?cs set:Title = Error.title ?><?cs def:content() ?><div class="message"><p class="code"><?cs var:Error.status ?></p>
<h1><?cs var:Error.title ?></h1>
<p class="lead"><?cs var:Error.text ?></p>
<?cs if:Error.status >= #500 ?><p>已提交的业务不会丢失，也不会重复办理：请稍后刷新页面，再核对办理结果。</p>
<?cs /if ?><p>如需帮助，请联系管理部门，并说明请求编号：<br><code><?cs var:Request.Number ?></code></p>
<p class="actions"><?cs if:?Error.path ?><a class="button" href="<?cs var:Error.path ?>">重新核对</a><?cs /if ?><a class="button plain" href="/">返回首页</a></p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
