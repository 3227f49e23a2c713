<?cs include:"macros.cs" ?><?cs set:Title = "导入文件" ?><?cs def:content() ?><p class="back"><a href="/staff/imports/">返回数据导入</a></p>
<?cs call:error_summary() ?><h1>导入文件</h1>
<p class="lead">选择种类和 CSV 文件。上传之后系统先核对，不改变任何数据；核对结果由您确认之后才导入。</p>
<form method="post" action="/staff/imports/upload" enctype="multipart/form-data"><?cs call:form_hidden() ?><div class="facts stack">
<label for="f-kind">种类<?cs call:wrong("kind") ?></label><select id="f-kind" name="kind" required><option value="">请选择<?cs each:kind = Kinds ?><option value="<?cs var:kind.Name ?>"<?cs if:kind.Here ?> selected<?cs /if ?>><?cs var:kind.Label ?><?cs /each ?></select>
<label for="f-file">CSV 文件（UTF-8 或 GB18030，第一行为列名）<?cs call:wrong("file") ?></label><input type="file" id="f-file" name="file" accept=".csv,text/csv" required></div>
<div class="actions"><button class="button">上传并核对</button><a class="button plain" href="/staff/imports/">返回</a></div></form>
<h2>各类文件的列</h2>
<?cs each:kind = Kinds ?><details><summary><?cs var:kind.Label ?></summary><table class="list data"><caption><?cs var:kind.Label ?>文件的列，次序不限</caption>
<thead><tr><th scope="col">列名<th scope="col">内容
<tbody>
<?cs each:column = kind.Columns ?><tr><th scope="row"><?cs var:column.Name ?><td data-as="内容"><?cs var:column.Label ?>
<?cs /each ?></table></details>
<?cs /each ?><p class="quiet"><a href="/help/staff-imports">操作手册：数据导入</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
